// SPDX-License-Identifier: Apache-2.0
// What the linker script and boot/start.S know of the image.

#include "boot/image_layout.hpp"

#include "arch/offsets.h"
#include "boot/early_map.hpp"

extern "C" {
extern char image_text_start[];
extern char image_text_end[];
extern char image_rodata_start[];
extern char image_rodata_end[];
extern char image_data_start[];
extern char image_file_end[];
extern char image_end[];

extern trv::boot::EarlyMap::Table early_table0;
extern trv::boot::EarlyMap::Table early_tables[EARLY_TABLES];
extern trv::boot::EarlyMap::Table* early_next_table;
}

namespace trv::boot {
namespace {

PaRange between(const char* begin, const char* end) {
    const Pa base(reinterpret_cast<u64>(begin)); // the image runs where it was loaded: VA = PA
    return {base, static_cast<u64>(end - begin)};
}

} // namespace

memory::ImageLayout image_layout() {
    return {between(image_text_start, image_text_end), between(image_rodata_start, image_rodata_end),
            between(image_data_start, image_end)};
}

PaRange image_range() {
    return between(image_text_start, image_end);
}

u64 image_file_size() {
    return static_cast<u64>(image_file_end - image_text_start);
}

EarlyMap current_early_map() {
    return {early_table0, {early_next_table, early_tables + EARLY_TABLES}};
}

} // namespace trv::boot

// SPDX-License-Identifier: Apache-2.0
#include "lib/device_tree/tree_writer.hpp"

#include <libfdt.h>

#include <cstring>

namespace trv {
namespace {

void store_big_endian(u8* to, u64 value, unsigned size) {
    for (unsigned i = size; i-- > 0;) {
        to[i] = static_cast<u8>(value);
        value >>= 8;
    }
}

} // namespace

TreeWriter::TreeWriter(std::span<u8> buffer) : tree_(buffer.data()) {
    constexpr std::size_t largest = 2 * MiB;
    const std::size_t room = buffer.size() < largest ? buffer.size() : largest;
    step([&] { return fdt_create(tree_, static_cast<int>(room)); });
    step([&] { return fdt_finish_reservemap(tree_); });
}

/// Makes one call of libfdt, unless an earlier one failed: then the buffer may not even hold the start of a tree.
template <typename Call>
void TreeWriter::step(Call call) {
    if (error_ == 0) {
        error_ = call();
    }
}

void TreeWriter::begin(const char* name) {
    step([&] { return fdt_begin_node(tree_, name); });
}

void TreeWriter::end() {
    step([&] { return fdt_end_node(tree_); });
}

void TreeWriter::flag(const char* name) {
    step([&] { return fdt_property(tree_, name, nullptr, 0); });
}

Result<std::size_t> TreeWriter::finish() {
    step([&] { return fdt_finish(tree_); });
    if (error_ == 0) {
        return std::size_t{fdt_totalsize(tree_)};
    }
    return fail(error_ == -FDT_ERR_NOSPACE ? Error::NoMemory : Error::Invalid);
}

u8* TreeWriter::value(const char* name, std::size_t size) {
    void* place = nullptr;
    // Foreign sizes are bounded before they come here, so the cast keeps the value.
    step([&] { return fdt_property_placeholder(tree_, name, static_cast<int>(size), &place); });
    return error_ == 0 ? static_cast<u8*>(place) : nullptr;
}

void TreeWriter::begin_at(std::string_view name, u64 unit_address) {
    char full[48];
    constexpr std::size_t longest = sizeof full - 1 - 1 - 16;
    std::size_t used = name.copy(full, longest);
    full[used++] = '@';
    unsigned digits = 1;
    while (digits < 16 && unit_address >> (4 * digits) != 0) {
        ++digits;
    }
    while (digits > 0) {
        full[used++] = "0123456789abcdef"[unit_address >> (4 * --digits) & 0xf];
    }
    full[used] = '\0';
    begin(full);
}

void TreeWriter::cells(const char* name, std::initializer_list<u32> values) {
    if (u8* at = value(name, values.size() * 4)) {
        for (const u32 v : values) {
            store_big_endian(at, v, 4);
            at += 4;
        }
    }
}

void TreeWriter::numbers(const char* name, std::initializer_list<u64> values) {
    if (u8* at = value(name, values.size() * 8)) {
        for (const u64 v : values) {
            store_big_endian(at, v, 8);
            at += 8;
        }
    }
}

void TreeWriter::bytes(const char* name, std::span<const u8> contents) {
    if (u8* at = value(name, contents.size())) {
        std::memcpy(at, contents.data(), contents.size());
    }
}

void TreeWriter::text(const char* name, std::string_view contents) {
    if (u8* at = value(name, contents.size() + 1)) {
        contents.copy(reinterpret_cast<char*>(at), contents.size());
        at[contents.size()] = 0;
    }
}

} // namespace trv

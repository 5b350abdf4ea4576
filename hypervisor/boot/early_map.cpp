// SPDX-License-Identifier: Apache-2.0
#include "boot/early_map.hpp"

#include "arch/memory/tlb.hpp"
#include "lib/checked.hpp"

namespace trv::boot {
namespace {

using arch::Descriptor;

constexpr u64 gigabyte = arch::level_size(1);
constexpr u64 block = arch::level_size(2);

constexpr auto attributes = arch::LeafAttributes{arch::leaf::access_flag | arch::leaf::inner_shareable |
                                                 arch::mair_index_normal << 2 | arch::leaf::execute_never};

constexpr std::size_t index_at(Pa address, unsigned level) {
    return (address.value >> arch::level_shift(level)) % arch::table_entries;
}

} // namespace

EarlyMap::Table* EarlyMap::descend(Descriptor& entry) {
    if (!entry.is_valid()) {
        if (spare_.empty()) {
            return nullptr;
        }
        entry = Descriptor::to_table(Pa(reinterpret_cast<u64>(&spare_.front())));
        spare_ = spare_.subspan(1);
    }
    return reinterpret_cast<Table*>(entry.output().value); // this map is 1:1
}

bool EarlyMap::add(PaRange ram) {
    const Pa end(align_up(ram.end().value, block));
    Pa at = ram.base.align_down(block);
    while (at < end) {
        Table* const level1 = descend(root_[index_at(at, 0)]);
        if (level1 == nullptr) {
            return false;
        }
        Descriptor& entry = (*level1)[index_at(at, 1)];
        if (!entry.is_valid() && at.is_aligned(gigabyte) && end - at >= gigabyte) {
            entry = Descriptor::to_memory(at, 1, attributes);
        }
        if (entry.is_leaf(1)) {
            at = at.align_down(gigabyte) + gigabyte;
            continue;
        }
        Table* const level2 = descend(entry);
        if (level2 == nullptr) {
            return false;
        }
        Descriptor& mapped = (*level2)[index_at(at, 2)];
        if (!mapped.is_valid()) { // the image's own blocks stay executable
            mapped = Descriptor::to_memory(at, 2, attributes);
        }
        at += block;
    }
    arch::publish_tables();
    return true;
}

} // namespace trv::boot

#include "boot/early_map.hpp"

#include "arch/page_table_format.hpp"
#include "arch/tlb.hpp"

extern "C" {
extern trv::arch::Descriptor early_table0[trv::arch::table_entries];
}

namespace trv::boot {
namespace {

constexpr unsigned index_at(u64 address, unsigned level) {
    return static_cast<unsigned>(address >> arch::level_shift(level)) % arch::table_entries;
}

} // namespace

bool extend_early_map(PaRange bank) {
    constexpr u64 gigabyte = arch::level_size(1);
    // Executable, like all of the early map: the image itself runs in one of these blocks.
    constexpr auto attributes =
        arch::LeafAttributes{arch::leaf::access_flag | arch::leaf::inner_shareable | arch::mair_index_normal << 2};
    for (Pa block = bank.base.align_down(gigabyte); block < bank.end(); block += gigabyte) {
        const arch::Descriptor table = early_table0[index_at(block.value, 0)];
        if (!table.is_table(0)) {
            return false;
        }
        auto* const entries = reinterpret_cast<arch::Descriptor*>(table.output().value); // the early map is 1:1
        arch::Descriptor& entry = entries[index_at(block.value, 1)];
        if (!entry.is_valid()) {
            entry = arch::Descriptor::to_memory(block, 1, attributes);
        }
    }
    arch::publish_tables();
    return true;
}

} // namespace trv::boot

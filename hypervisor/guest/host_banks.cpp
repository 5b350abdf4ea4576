// SPDX-License-Identifier: Apache-2.0
#include "guest/host_banks.hpp"

#include <algorithm>

namespace trv::guest {
namespace {

constexpr u64 granule = 2 * MiB; ///< what stage 2 maps with one entry
constexpr Pa low_limit{4 * GiB};
/// Free for the hypervisor afterwards: frame table, page tables, heap. The same for other VMs is not looked after here.
constexpr u64 least_left = 8 * MiB;
constexpr u64 bytes_per_frame_word = 4;

/// The largest part of RAM in which neither `taken` nor `chosen` has anything, in whole granules.
Result<PaRange> largest_gap(const memory::RamMap& map, const HostBanks& chosen, Pa limit) {
    PaRange best;
    const auto consider = [&](PaRange gap) -> Result<void> {
        const Pa base(align_up(gap.base.value, granule));
        const Pa end = std::min(gap.end(), limit).align_down(granule);
        if (base < end && end - base > best.size) {
            best = {base, end - base};
        }
        return {};
    };
    const std::span<const PaRange> holes(chosen.begin(), chosen.size());
    TRY(memory::for_each_free(map, [&](PaRange gap) { return memory::for_each_gap(gap, holes, consider); }));
    return best.empty() ? fail(Error::NoMemory) : Result<PaRange>(best);
}

Result<u64> free_bytes(const memory::RamMap& map) {
    u64 bytes = 0;
    TRY(memory::for_each_free(map, [&](PaRange gap) -> Result<void> {
        bytes += gap.size;
        return {};
    }));
    return bytes;
}

u64 hypervisors_need(const memory::RamMap& map) {
    u64 frames = 0;
    for (const PaRange& bank : map.banks) {
        frames += bank.size / page_size;
    }
    return least_left + frames * bytes_per_frame_word;
}

} // namespace

Result<HostBanks> choose_banks(const memory::RamMap& map, u64 size) {
    if (size == 0 || !is_aligned(size, granule)) {
        return fail(Error::Invalid);
    }
    const u64 available = TRY(free_bytes(map));
    if (size > available || available - size < hypervisors_need(map)) {
        return fail(Error::NoMemory);
    }
    HostBanks banks;
    for (u64 left = size; left != 0;) {
        Result<PaRange> gap = banks.empty() ? largest_gap(map, banks, low_limit) : fail(Error::NoMemory);
        if (!gap) {
            gap = largest_gap(map, banks, Pa(~u64{0}));
        }
        const PaRange bank{TRY(gap).base, std::min(left, gap->size)};
        if (!banks.push_back(bank)) {
            return fail(Error::NoMemory);
        }
        left -= bank.size;
    }
    return banks;
}

} // namespace trv::guest

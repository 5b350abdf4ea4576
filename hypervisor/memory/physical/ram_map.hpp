// SPDX-License-Identifier: Apache-2.0
#pragma once
// RAM as described by the device tree: banks, and the ranges in use in them.

#include "lib/checked.hpp"
#include "memory/physical/frame_owner.hpp"

#include <algorithm>
#include <span>

namespace trv::memory {

struct TakenRange {
    PaRange range;
    FrameOwner owner; ///< not Free
};

/// Banks need no order and no alignment (partial pages at their ends are left out). Taken ranges may overlap, in which
/// case the first one listed counts, and may lie outside RAM, where they are ignored.
struct RamMap {
    std::span<const PaRange> banks;
    std::span<const TakenRange> taken;
};

[[nodiscard]] constexpr PaRange range_of(const PaRange& range) {
    return range;
}
[[nodiscard]] constexpr PaRange range_of(const TakenRange& taken) {
    return taken.range;
}

/// The whole pages inside `range`; empty if there are none.
[[nodiscard]] constexpr PaRange pages_inside(PaRange range) {
    const u64 skipped = (page_size - range.base.offset_in(page_size)) % page_size;
    if (range.size < skipped) {
        return {};
    }
    return {range.base + skipped, align_down(range.size - skipped, page_size)};
}

/// The whole pages that `range` touches. Precondition: it does not reach the last page of the address space.
[[nodiscard]] constexpr PaRange pages_around(PaRange range) {
    const Pa base = range.base.align_down(page_size);
    return {base, align_up(range.end() - base, page_size)};
}

/// Calls visit(PaRange) for each run of whole pages of `whole` that no hole touches, in ascending order, until it
/// fails.
/// @param holes PaRange or TakenRange, in any order
/// Context: cost grows with the square of the number of holes.
template <typename Hole, typename Visit>
[[nodiscard]] constexpr Result<void> for_each_gap(PaRange whole, std::span<const Hole> holes, Visit visit) {
    const PaRange pages = pages_inside(whole);
    for (Pa cursor = pages.base; cursor < pages.end();) {
        // The first hole at or above the cursor ends the gap; a hole around the cursor moves it.
        Pa gap_end = pages.end();
        Pa next = pages.end();
        for (const Hole& candidate : holes) {
            const PaRange hole = pages_around(range_of(candidate));
            if (range_of(candidate).empty() || hole.end() <= cursor || hole.base >= gap_end) {
                continue;
            }
            gap_end = std::max(hole.base, cursor);
            next = hole.end();
        }
        if (gap_end > cursor) {
            if (Result<void> visited = visit(PaRange{cursor, gap_end - cursor}); !visited) {
                return visited;
            }
        }
        cursor = next;
    }
    return {};
}

/// Calls visit(PaRange) for each run of whole pages of RAM that nothing has taken, bank by bank, until it fails. Frame 0 is
/// never among them: its address is the null pointer.
template <typename Visit>
[[nodiscard]] constexpr Result<void> for_each_free(const RamMap& map, Visit visit) {
    const PaRange frame_0[] = {{Pa(0), page_size}};
    for (const PaRange& bank : map.banks) {
        TRY(for_each_gap(bank, map.taken,
                         [&](PaRange gap) { return for_each_gap(gap, std::span<const PaRange>(frame_0), visit); }));
    }
    return {};
}

} // namespace trv::memory

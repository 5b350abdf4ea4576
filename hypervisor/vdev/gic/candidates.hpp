// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which interrupts a vCPU's list registers should hold, and which of them come first when there are too many.

#include "vdev/gic/state.hpp"

namespace trv::vdev {

/// Interrupts of one vCPU that belong into list registers, one bit each. Only the words that have any are written,
/// because clearing all would take longer than the search.
struct VGicCandidates {
    VGicCandidates() {} // NOLINT(modernize-use-equals-default): leaves the arrays alone

    std::array<u32, vgic_max_words> deliverable;
    std::array<u32, vgic_max_words> active;
    u32 words; ///< the words that have any, one bit each

    [[nodiscard]] u32 any(unsigned word) const { return deliverable[word] | active[word]; }
    [[nodiscard]] bool more_than(unsigned room) const;
};

/// Precondition: nothing is listed by `vcpu`. SPIs that another vCPU has listed or active are not among them.
/// Finds also which words are no longer busy.
/// @param found  overwritten; declare it [[clang::uninitialized]]
void find_candidates(VGicState& state, unsigned vcpu, VGicCandidates& found);

/// The chosen interrupts, and those that did not fit.
struct VGicChoice {
    std::array<IntId, irqchip::max_list_registers> chosen;
    unsigned count = 0;
    bool pending_outside = false;
    bool active_outside = false;
};

/// The `room` best, by priority; of equals active ones first, so that an EOI finds its interrupt. If anything is
/// pending and not active, the best of those is among the chosen, so that active ones can never lock new ones out.
/// @param room  1 to max_list_registers, less than there are candidates
[[nodiscard]] VGicChoice choose(VGicState& state, unsigned vcpu, const VGicCandidates& candidates, unsigned room);

/// The most urgent interrupt that is active on `vcpu` without being listed: the one that an EOI without a list register
/// means, because active interrupts nest by priority.
/// @return  a special INTID if none is active
[[nodiscard]] IntId most_urgent_unlisted_active(VGicState& state, unsigned vcpu);

} // namespace trv::vdev

// SPDX-License-Identifier: Apache-2.0
#include "vdev/vgic_signal.hpp"

#include "vdev/vgic_candidates.hpp"

#include <bit>

namespace trv::vdev {
namespace {

using arch::Ich;
namespace ich_lr = arch::ich_lr;
namespace ich_vmcr = arch::ich_vmcr;

/// Checks an interrupt's priority and group against the guest's CPU interface.
[[nodiscard]] bool passes(u64 vmcr, u8 priority, bool group1) {
    const u64 enable = group1 ? ich_vmcr::group1_enable : ich_vmcr::group0_enable;
    return (vmcr & enable) != 0 && priority < ich_vmcr::priority_mask_of(vmcr);
}

/// The most urgent pending interrupt is always listed, so checking the list registers suffices.
[[nodiscard]] bool is_list_register_signalled(const VGicCpu& cpu) {
    const u64 vmcr = cpu.listed != 0 ? Ich::vmcr() : 0;
    for (unsigned n = 0; n < cpu.listed; ++n) {
        const u64 lr = Ich::list_register(n);
        if ((lr & ich_lr::state_mask) == ich_lr::pending &&
            passes(vmcr, ich_lr::priority_of(lr), (lr & ich_lr::group1) != 0)) {
            return true;
        }
    }
    return false;
}

} // namespace

bool is_signalled(VGicState& state, unsigned vcpu) {
    const VGicCpu& cpu = state.cpus[vcpu];
    if (cpu.loaded()) {
        return is_list_register_signalled(cpu);
    }
    const VGicCandidates candidates = find_candidates(state, vcpu);
    for (unsigned word = 0; word < vgic_words; ++word) {
        const InterruptBank& bank = state.bank(word, vcpu);
        for (u32 left = candidates.deliverable[word] & ~candidates.active[word]; left != 0; left &= left - 1) {
            const unsigned index = static_cast<unsigned>(std::countr_zero(left));
            if (passes(cpu.vmcr, bank.priority[index], (bank.group1 >> index & 1) != 0)) {
                return true;
            }
        }
    }
    return false;
}

} // namespace trv::vdev

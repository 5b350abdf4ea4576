// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/list_registers.hpp"

#include "vdev/gic/candidates.hpp"
#include "vdev/gic/hardware_spis.hpp"

#include <bit>

namespace trv::vdev {
namespace {

using irqchip::VirtualInterface;
namespace ich_hcr = irqchip::ich_hcr;
namespace ich_lr = irqchip::ich_lr;
namespace ich_vmcr = irqchip::ich_vmcr;
namespace ich_vtr = irqchip::ich_vtr;

/// The guest completed interrupts that had no list register; the hardware has only counted them.
void retire_unlisted(VGicState& state, unsigned vcpu) {
    for (unsigned count = ich_hcr::eoi_count_of(VirtualInterface::hcr()); count > 0; --count) {
        const IntId intid = most_urgent_unlisted_active(state, vcpu);
        if (intid.is_special()) {
            break;
        }
        state.deactivate_unlisted(intid, vcpu);
    }
    VirtualInterface::set_hcr(state.cpus[vcpu].hcr); // the count is no longer needed
}

void collect_one(VGicState& state, unsigned vcpu, IntId intid, u64 lr) {
    InterruptBank& bank = state.bank(intid.word(), vcpu);
    const u32 bit = intid.bit();
    const bool pending = (lr & ich_lr::pending) != 0;
    if ((bank.presented & bit) != 0) {
        if (!pending) {
            // Acknowledged. An edge left the latch when it was listed; for a level this ends what ISPENDR began.
            bank.latch &= bank.latched() | ~bit;
            bank.forced &= ~bit;
        } else if ((bank.latched() & bit) != 0) {
            bank.latch |= bit;
            if (SgiSenders* const senders = state.senders_of(intid, vcpu)) {
                senders->unlist(intid);
            }
        }
    }
    const bool was_active = (lr & ich_lr::active) != 0;
    const bool active = ((bank.activate & bit) != 0 || was_active) && (bank.deactivate & bit) == 0;
    bank.active = active ? bank.active | bit : bank.active & ~bit;
    bank.listed &= ~bit;
    bank.presented &= ~bit;
    bank.activate &= ~bit;
    bank.deactivate &= ~bit;

    if ((lr & ich_lr::hardware) != 0 && !pending && !was_active) {
        bank.held &= ~bit | bank.fired; // the guest's deactivation also deactivated the physical one
    }
    bank.fired &= ~bit;
    if (intid.is_private()) {
        return;
    }
    if (bank.held != 0) [[unlikely]] {
        release_spis(state, intid.word());
    }
    if (!active) {
        VGicSpiWord& spis = state.spi_word(intid.word());
        spis.mine[vcpu] &= ~bit;
        if ((spis.routed[vcpu] & bit) == 0) {
            state.touch(intid.word(), bit, vcpu); // it was rerouted while listed here; its new vCPU may list it now
        }
    }
}

/// The list register value for an interrupt.
/// @param present_pending  its pending state goes into the list register, too
[[nodiscard]] u64 list_register_for(const VGicState& state, const VGicCpu& cpu, const InterruptBank& bank, IntId intid,
                                    bool present_pending) {
    const unsigned index = intid.value % 32;
    const u32 bit = intid.bit();
    const bool active = (bank.active & bit) != 0;
    u64 lr = u64{intid.value} | (u64{bank.priority[index]} << ich_lr::priority_shift);
    lr |= (bank.group1 & bit) != 0 ? ich_lr::group1 : 0;
    lr |= active ? ich_lr::active : 0;
    lr |= present_pending ? ich_lr::pending : 0;
    if ((bank.held & ~(bank.active & bank.latch) & bit) != 0) {
        if (!VirtualInterface::deactivates_physical()) {
            return lr | ich_lr::eoi; // so that the physical one is deactivated when the guest has completed it
        }
        const u32 physical = intid.is_private() ? cpu.physical[index] : state.spi_word(intid.word()).physical[index];
        return lr | ich_lr::hardware | (u64{physical} << ich_lr::physical_shift);
    }
    // Is there more to do when the guest has completed it? A level may still be high, or the interrupt is pending but
    // rerouted to another vCPU, or must not be listed as pending yet.
    const u32 level = bank.line & ~bank.edge;
    const u32 pending_elsewhere = active && !present_pending ? bit : 0;
    if ((bank.deliverable(state.groups) & (level | pending_elsewhere) & bit) != 0) {
        lr |= ich_lr::eoi;
    }
    return lr;
}

void list(VGicState& state, unsigned vcpu, const VGicCandidates& candidates, IntId intid) {
    VGicCpu& cpu = state.cpus[vcpu];
    const unsigned word = intid.word();
    const u32 bit = intid.bit();
    InterruptBank& bank = state.bank(word, vcpu);
    bool pending = (candidates.deliverable[word] & bit) != 0;
    if ((bank.held & bank.active & bank.latch & bit) != 0) {
        // Pending and active at once is not allowed with HW=1 [GICv3 12.4 ICH_LR<n>_EL2.State]. A level's physical
        // interrupt comes again if it is still asserted when the guest has deactivated it; what software asked for waits
        // until then. An edge, which would be lost, goes on without its physical interrupt, here or where it is routed
        // to now.
        if ((bank.edge & bit) == 0) {
            bank.latch &= ~bit | bank.forced;
            pending = false;
        } else {
            release_spi(state, intid);
        }
    }
    u64 senders_part = 0;
    bool other_senders = false;
    if (SgiSenders* const senders = state.senders_of(intid, vcpu)) {
        pending = pending && (bank.active & bit) == 0; // the active one has another sender
        other_senders = pending && senders->list(intid);
        senders_part = u64{senders->listed(intid)} << ich_lr::sender_shift | (other_senders ? ich_lr::eoi : 0);
    }
    VirtualInterface::set_list_register(cpu.listed, list_register_for(state, cpu, bank, intid, pending) | senders_part);
    cpu.intids[cpu.listed] = static_cast<u16>(intid.value);
    ++cpu.listed;
    bank.listed |= bit;
    if (pending) {
        bank.presented |= bit;
        bank.latch &= ~(bank.latched() & bit) | (other_senders ? bit : 0);
    }
    if (word != 0) {
        state.spi_word(word).mine[vcpu] |= bit;
    }
}

void list_all(VGicState& state, unsigned vcpu, const VGicCandidates& candidates) {
    for (u32 rest = candidates.words; rest != 0; rest &= rest - 1) {
        const unsigned word = static_cast<unsigned>(std::countr_zero(rest));
        for (u32 left = candidates.any(word); left != 0; left &= left - 1) {
            list(state, vcpu, candidates, IntId(32 * word + static_cast<unsigned>(std::countr_zero(left))));
        }
    }
}

/// Removes interrupts of groups that the guest's CPU interface has disabled, so that they do not fill list registers.
/// @return  bits of ICH_HCR_EL2 that cause an exit when the guest enables the group
[[nodiscard]] u64 drop_disabled_groups(VGicState& state, unsigned vcpu, VGicCandidates& candidates, u64 vmcr) {
    const GroupMasks on{(vmcr & ich_vmcr::group0_enable) != 0 ? ~u32{0} : 0,
                        (vmcr & ich_vmcr::group1_enable) != 0 ? ~u32{0} : 0};
    u64 hcr = 0;
    for (u32 rest = candidates.words; rest != 0; rest &= rest - 1) {
        const unsigned word = static_cast<unsigned>(std::countr_zero(rest));
        const InterruptBank& bank = state.bank(word, vcpu);
        const u32 dropped0 = candidates.deliverable[word] & ~bank.group1 & ~on.group0;
        const u32 dropped1 = candidates.deliverable[word] & bank.group1 & ~on.group1;
        hcr |= (dropped0 != 0 ? ich_hcr::group0_enabled : 0) | (dropped1 != 0 ? ich_hcr::group1_enabled : 0);
        candidates.deliverable[word] &= ~(dropped0 | dropped1);
    }
    return hcr;
}

/// @return  bits of ICH_HCR_EL2 that cause an exit when the choice may change
[[nodiscard]] u64 list_best(VGicState& state, unsigned vcpu, VGicCandidates& candidates, unsigned room) {
    const u64 vmcr = VirtualInterface::vmcr();
    u64 hcr = drop_disabled_groups(state, vcpu, candidates, vmcr);
    if (!candidates.more_than(room)) {
        list_all(state, vcpu, candidates);
        return hcr;
    }
    const VGicChoice choice = choose(state, vcpu, candidates, room);
    for (unsigned i = 0; i < choice.count; ++i) {
        list(state, vcpu, candidates, choice.chosen[i]);
    }
    if (choice.pending_outside) {
        hcr |= ich_hcr::no_pending;
        // Listed interrupts must not block the rest if the guest disables their group.
        hcr |= (vmcr & ich_vmcr::group0_enable) != 0 ? ich_hcr::group0_disabled : 0;
        hcr |= (vmcr & ich_vmcr::group1_enable) != 0 ? ich_hcr::group1_disabled : 0;
    }
    if (choice.active_outside) {
        hcr |= ich_hcr::list_entry_not_present;
        // With EOImode 1 the guest deactivates in any order, so a count is not sufficient. If the hardware cannot trap,
        // the bit is reserved, and the count must suffice.
        const bool any_order = (vmcr & ich_vmcr::eoi_mode) != 0;
        hcr |= any_order && (VirtualInterface::vtr() & ich_vtr::traps_deactivate) != 0 ? ich_hcr::trap_deactivate : 0;
    }
    return hcr;
}

/// Deactivates physical interrupts whose virtual interrupt was cleared by other means than the guest's deactivation.
void release_orphans(VGicCpu& cpu) {
    const u32 orphans = cpu.own.held & ~(cpu.own.latch | cpu.own.active | cpu.own.listed);
    if (orphans != 0) {
        cpu.own.held &= ~orphans;
        cpu.redistributor->clear_active(physical_mask(cpu, orphans));
    }
}

void empty_from(VGicCpu& cpu, unsigned first) {
    for (unsigned n = first; n < cpu.written; ++n) {
        VirtualInterface::set_list_register(n, 0);
    }
    cpu.written = first;
}

/// Checks an interrupt's priority and group against the guest's CPU interface.
[[nodiscard]] bool passes(u64 vmcr, u8 priority, bool group1) {
    const u64 enable = group1 ? ich_vmcr::group1_enable : ich_vmcr::group0_enable;
    return (vmcr & enable) != 0 && priority < ich_vmcr::priority_mask_of(vmcr);
}

/// The most urgent pending interrupt is always listed, so checking the list registers suffices.
[[nodiscard]] bool is_list_register_signalled(const VGicCpu& cpu) {
    const u64 vmcr = cpu.listed != 0 ? VirtualInterface::vmcr() : 0;
    for (unsigned n = 0; n < cpu.listed; ++n) {
        const u64 lr = VirtualInterface::list_register(n);
        if ((lr & ich_lr::state_mask) == ich_lr::pending &&
            passes(vmcr, ich_lr::priority_of(lr), (lr & ich_lr::group1) != 0)) {
            return true;
        }
    }
    return false;
}

/// Whether the predicate holds for any interrupt of the vCPU that is deliverable and not active. Precondition: nothing is
/// listed by it.
/// @param holds  bool(const InterruptBank&, unsigned bit's index)
template <typename Predicate>
[[nodiscard]] bool any_waiting(VGicState& state, unsigned vcpu, Predicate holds) {
    [[clang::uninitialized]] VGicCandidates candidates;
    find_candidates(state, vcpu, candidates);
    for (u32 rest = candidates.words; rest != 0; rest &= rest - 1) {
        const unsigned word = static_cast<unsigned>(std::countr_zero(rest));
        const InterruptBank& bank = state.bank(word, vcpu);
        for (u32 left = candidates.deliverable[word] & ~candidates.active[word]; left != 0; left &= left - 1) {
            if (holds(bank, static_cast<unsigned>(std::countr_zero(left)))) {
                return true;
            }
        }
    }
    return false;
}

} // namespace

void collect(VGicState& state, unsigned vcpu) {
    VGicCpu& cpu = state.cpus[vcpu];
    if ((cpu.hcr & ich_hcr::list_entry_not_present) != 0) [[unlikely]] {
        retire_unlisted(state, vcpu);
    }
    for (unsigned n = 0; n < cpu.listed; ++n) {
        collect_one(state, vcpu, IntId(cpu.intids[n]), VirtualInterface::list_register(n));
    }
    cpu.listed = 0;
}

void sample(VGicState& state, unsigned vcpu) {
    VGicCpu& cpu = state.cpus[vcpu];
    for (u32 left = cpu.own.held & cpu.own.latch & ~(cpu.own.active | cpu.own.forced); left != 0; left &= left - 1) {
        const IntId ppi(static_cast<u32>(std::countr_zero(left)));
        if (!state.inputs.is_asserted(vcpu, ppi)) {
            cpu.own.latch &= ~ppi.bit();
        }
    }
}

void present(VGicState& state, unsigned vcpu) {
    VGicCpu& cpu = state.cpus[vcpu];
    [[clang::uninitialized]] VGicCandidates candidates;
    find_candidates(state, vcpu, candidates);
    const unsigned room = ich_vtr::list_registers(VirtualInterface::vtr());
    u64 hcr = ich_hcr::enable;
    if (!candidates.more_than(room)) [[likely]] {
        list_all(state, vcpu, candidates);
    } else {
        hcr |= list_best(state, vcpu, candidates, room);
    }
    empty_from(cpu, cpu.listed);
    if (hcr != cpu.hcr) {
        cpu.hcr = hcr;
        VirtualInterface::set_hcr(hcr);
    }
    release_orphans(cpu);
    // Relaxed: see VGicStaleFlags.
    state.stale[vcpu].store(false, std::memory_order_relaxed);
}

void withdraw(VGicState& state, unsigned vcpu) {
    VGicCpu& cpu = state.cpus[vcpu];
    empty_from(cpu, 0);
    cpu.hcr = 0;
    VirtualInterface::set_hcr(0);
}

u32 physical_mask(const VGicCpu& cpu, u32 virtual_mask) {
    u32 mask = 0;
    for (u32 left = virtual_mask; left != 0; left &= left - 1) {
        mask |= u32{1} << cpu.physical[static_cast<std::size_t>(std::countr_zero(left))];
    }
    return mask;
}

bool is_signalled(VGicState& state, unsigned vcpu) {
    const VGicCpu& cpu = state.cpus[vcpu];
    if (cpu.loaded()) {
        return is_list_register_signalled(cpu);
    }
    return any_waiting(state, vcpu, [&cpu](const InterruptBank& bank, unsigned index) {
        return passes(cpu.vmcr, bank.priority[index], (bank.group1 >> index & 1) != 0);
    });
}

bool is_pending(VGicState& state, unsigned vcpu) {
    return any_waiting(state, vcpu, [](const InterruptBank&, unsigned) { return true; });
}

} // namespace trv::vdev

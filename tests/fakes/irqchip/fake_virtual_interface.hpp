// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual interface of a CPU, and the guest that uses it: list registers that behave as [GICv3 chapter 6] says,
// with the guest's side (acknowledge, end of interrupt, deactivate) for tests to play.

#include "irqchip/interface/physical.hpp"
#include "irqchip/interface/virtual_interface.hpp"

#include <array>
#include <bit>
#include <optional>

namespace trv::irqchip {

/// SGIs and PPIs of one CPU.
struct CpuInterrupts {
    void enable(IntId intid) { enabled |= intid.bit(); }
    void set_trigger(IntId intid, Trigger trigger) {
        edge = trigger == Trigger::Edge ? edge | intid.bit() : edge & ~intid.bit();
    }
    void set_active(u32 mask) { active |= mask, ++writes; }
    void clear_active(u32 mask) { active &= ~mask, ++writes; }

    u32 enabled = 0;
    u32 active = 0;
    u32 edge = 0xffff;
    unsigned writes = 0; ///< of active state
};

struct FakeVirtualInterface {
    static constexpr u32 spurious = 1023;

    unsigned list_registers = 4;
    unsigned preemption_bits = 5;
    unsigned priority_bits = 5;
    bool traps_deactivate = true;
    bool deactivates_physical = true; ///< list registers with HW=1 work

    u64 hcr = 0;
    u64 vmcr = 0;
    std::array<u64, max_list_registers> lr{};
    std::array<std::array<u64, max_active_priority_registers>, 2> active_priorities{}; ///< by group
    unsigned list_register_writes = 0;
    CpuInterrupts* redistributor = nullptr;        ///< where deactivations with HW=1 go
    std::array<bool, 1020>* active_spis = nullptr; ///< the same for SPIs

    // What the guest does.

    /// The list register that the CPU interface signals, if any.
    [[nodiscard]] std::optional<unsigned> signalled() const {
        std::optional<unsigned> best;
        for (unsigned n = 0; n < list_registers; ++n) {
            const bool passes = (hcr & ich_hcr::enable) != 0 && (lr[n] & ich_lr::state_mask) == ich_lr::pending &&
                                group_enabled(lr[n]) && ich_lr::priority_of(lr[n]) < ich_vmcr::priority_mask_of(vmcr) &&
                                ich_lr::priority_of(lr[n]) < running_priority();
            if (passes && (!best || ich_lr::priority_of(lr[n]) < ich_lr::priority_of(lr[*best]))) {
                best = n;
            }
        }
        return best;
    }
    u32 acknowledge() {
        const std::optional<unsigned> n = signalled();
        if (!n) {
            return spurious;
        }
        u64& entry = lr[*n];
        const unsigned level = level_of(ich_lr::priority_of(entry));
        active_priorities[group_of(entry)][level / 32] |= u64{1} << (level % 32);
        entry = (entry & ~ich_lr::state_mask) | ich_lr::active;
        return ich_lr::intid_of(entry);
    }
    /// Priority drop, and deactivation too with EOImode 0.
    void end(u32 intid) {
        const bool dropped = drop_running_priority();
        if ((vmcr & ich_vmcr::eoi_mode) == 0) {
            deactivate_listed(intid, dropped);
        }
    }
    /// @return  false if the write traps to EL2
    bool deactivate(u32 intid) {
        if ((hcr & ich_hcr::trap_deactivate) != 0) {
            return false;
        }
        deactivate_listed(intid, true);
        return true;
    }
    /// Takes whatever comes, in order, and completes it.
    u32 acknowledge_and_end() {
        const u32 intid = acknowledge();
        if (intid != spurious) {
            end(intid);
        }
        return intid;
    }
    void open(u64 groups = ich_vmcr::group0_enable | ich_vmcr::group1_enable) {
        vmcr = (vmcr & ~(ich_vmcr::group0_enable | ich_vmcr::group1_enable)) | groups |
               (u64{0xff} << ich_vmcr::priority_mask_shift);
    }

    // What the maintenance interrupt's wire shows [GICv3 12.4 ICH_MISR_EL2].
    [[nodiscard]] bool maintenance() const {
        if ((hcr & ich_hcr::enable) == 0) {
            return false;
        }
        const bool group0 = (vmcr & ich_vmcr::group0_enable) != 0;
        const bool group1 = (vmcr & ich_vmcr::group1_enable) != 0;
        return end_of_interrupt() != 0 || ((hcr & ich_hcr::no_pending) != 0 && !any_pending()) ||
               ((hcr & ich_hcr::list_entry_not_present) != 0 && ich_hcr::eoi_count_of(hcr) != 0) ||
               ((hcr & ich_hcr::group0_enabled) != 0 && group0) || ((hcr & ich_hcr::group0_disabled) != 0 && !group0) ||
               ((hcr & ich_hcr::group1_enabled) != 0 && group1) || ((hcr & ich_hcr::group1_disabled) != 0 && !group1);
    }
    /// ICH_EISR_EL2.
    [[nodiscard]] u32 end_of_interrupt() const {
        u32 mask = 0;
        for (unsigned n = 0; n < list_registers; ++n) {
            const bool done = (lr[n] & ich_lr::state_mask) == 0 && (lr[n] & ich_lr::hardware) == 0;
            mask |= done && (lr[n] & ich_lr::eoi) != 0 ? u32{1} << n : 0;
        }
        return mask;
    }
    [[nodiscard]] unsigned used() const {
        unsigned count = 0;
        for (const u64 entry : lr) {
            count += (entry & ich_lr::state_mask) != 0 ? 1 : 0;
        }
        return count;
    }
    [[nodiscard]] u64 find(u32 intid) const {
        for (const u64 entry : lr) {
            if ((entry & ich_lr::state_mask) != 0 && ich_lr::intid_of(entry) == intid) {
                return entry;
            }
        }
        return 0;
    }
    [[nodiscard]] unsigned running_priority() const {
        for (unsigned level = 0; level < 128; ++level) {
            const u64 both = active_priorities[0][level / 32] | active_priorities[1][level / 32];
            if ((both >> (level % 32) & 1) != 0) {
                return level << (8 - preemption_bits);
            }
        }
        return 0xff;
    }

    static inline thread_local FakeVirtualInterface* current = nullptr;

  private:
    [[nodiscard]] static unsigned group_of(u64 entry) { return (entry & ich_lr::group1) != 0 ? 1 : 0; }
    [[nodiscard]] unsigned level_of(u8 priority) const { return priority >> (8 - preemption_bits); }
    [[nodiscard]] bool group_enabled(u64 entry) const {
        return (vmcr & (group_of(entry) == 1 ? ich_vmcr::group1_enable : ich_vmcr::group0_enable)) != 0;
    }
    [[nodiscard]] bool any_pending() const {
        for (const u64 entry : lr) {
            if ((entry & ich_lr::state_mask) == ich_lr::pending) {
                return true;
            }
        }
        return false;
    }
    bool drop_running_priority() {
        for (unsigned word = 0; word < max_active_priority_registers; ++word) {
            const u64 both = active_priorities[0][word] | active_priorities[1][word];
            if (both != 0) {
                const u64 lowest = both & (~both + 1);
                active_priorities[0][word] &= ~lowest;
                active_priorities[1][word] &= ~lowest;
                return true;
            }
        }
        return false;
    }
    void deactivate_physical(u64 intid) {
        if (intid >= 32) {
            active_spis->at(intid) = false;
        } else if (redistributor != nullptr) {
            redistributor->active &= ~(u32{1} << intid);
        }
    }
    void deactivate_listed(u32 intid, bool count_if_absent) {
        for (u64& entry : lr) {
            if ((entry & ich_lr::active) != 0 && ich_lr::intid_of(entry) == intid) {
                entry &= ~ich_lr::active;
                if ((entry & ich_lr::hardware) != 0) {
                    deactivate_physical(entry >> ich_lr::physical_shift & ich_lr::physical_mask);
                }
                return;
            }
        }
        if (count_if_absent) {
            hcr += u64{1} << ich_hcr::eoi_count_shift;
        }
    }
};

/// The seam: on FakeVirtualInterface::current.
struct VirtualInterface {
    [[nodiscard]] static u64 vtr() {
        const FakeVirtualInterface& cpu = self();
        return (cpu.list_registers - 1) | (cpu.traps_deactivate ? ich_vtr::traps_deactivate : 0) |
               u64{cpu.preemption_bits - 1} << 26 | u64{cpu.priority_bits - 1} << 29;
    }
    [[nodiscard]] static bool deactivates_physical() { return self().deactivates_physical; }
    [[nodiscard]] static u64 hcr() { return self().hcr; }
    static void set_hcr(u64 value) { self().hcr = value; }
    [[nodiscard]] static u64 vmcr() { return self().vmcr; }
    static void set_vmcr(u64 value) { self().vmcr = value; }
    [[nodiscard]] static u64 list_register(unsigned n) { return self().lr.at(n); }
    static void set_list_register(unsigned n, u64 value) {
        self().lr.at(n) = value;
        ++self().list_register_writes;
    }
    [[nodiscard]] static u64 active_priorities0(unsigned n) { return self().active_priorities[0].at(n); }
    static void set_active_priorities0(unsigned n, u64 value) { self().active_priorities[0].at(n) = value; }
    [[nodiscard]] static u64 active_priorities1(unsigned n) { return self().active_priorities[1].at(n); }
    static void set_active_priorities1(unsigned n, u64 value) { self().active_priorities[1].at(n) = value; }

  private:
    // A CPU of its own for tests that do not care which one they run on.
    static FakeVirtualInterface& self() {
        static thread_local FakeVirtualInterface unnamed;
        return FakeVirtualInterface::current != nullptr ? *FakeVirtualInterface::current : unnamed;
    }
};

} // namespace trv::irqchip

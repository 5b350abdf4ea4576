// SPDX-License-Identifier: Apache-2.0
#pragma once
// A vCPU's registers. Every exit saves GuestRegisters (arch/vectors.S); only a switch to another vCPU saves the rest.

#include "arch/aarch32/state.hpp"
#include "arch/guest/guest_debug.hpp"
#include "arch/guest/guest_pmu.hpp"
#include "generated/option/pmu.hpp"
#include "lib/types.hpp"

#include <type_traits>

namespace trv::arch {

struct GuestRegisters {
    u64 x[31];
    u64 pc;     ///< ELR_EL2
    u64 pstate; ///< SPSR_EL2

    /// Register 31 is XZR in the syndromes that name registers.
    [[nodiscard]] u64 get(unsigned index) const { return index < 31 ? x[index] : 0; }
    void set(unsigned index, u64 value) {
        if (index < 31) {
            x[index] = value;
        }
    }
};

/// EL1 and EL0 state that stays in the hardware while the vCPU is loaded.
struct El1Registers {
    u64 sctlr, cpacr, ttbr0, ttbr1, tcr, mair, amair, afsr0, afsr1, esr, far, vbar;
    u64 contextidr, tpidr_el0, tpidrro_el0, tpidr_el1, cntkctl, par, csselr;
    u64 sp_el0, sp_el1, elr, spsr;
};

struct alignas(16) FpRegisters {
    u64 q[64]; ///< Q0 to Q31
    u64 fpcr, fpsr;
};

/// The virtual timer; the offset belongs to the VM.
struct TimerRegisters {
    u64 control, compare;
};

/// An SError that EL2 has pending for the guest, until the guest takes it [Arm ARM D1.3.4, virtual SError].
struct VirtualError {
    bool pending; ///< HCR_EL2.VSE
    u64 syndrome; ///< VSESR_EL2, with FEAT_RAS
    u64 deferred; ///< VDISR_EL2, with FEAT_RAS: what the guest's ESB instruction found
};

struct NoPmu {};

struct GuestContext {
    GuestRegisters registers; ///< first: PerCpu points here
    El1Registers el1;
    FpRegisters fp;
    TimerRegisters timer;
    VirtualError virtual_error;
    DebugRegisters debug;
    [[no_unique_address]] std::conditional_t<option::pmu, PmuRegisters, NoPmu> pmu; ///< see vm/pmu.hpp
    Aarch32Registers aarch32; ///< not in use in images without the option
    u64 vmpidr;
};

/// Sets a vCPU's state at its first instruction after CPU_ON [PSCI 6.4]: EL1h, or the Supervisor mode of a vCPU whose EL1 is in
/// AArch32; all exceptions masked, MMU and caches off. Portable.
void reset(GuestContext& context, u64 entry, u64 argument);

/// EL1, EL0, FP, timer, virtual error and debug state: context to hardware, hardware to context. After save() the
/// guest's timer and its breakpoints are off.
void load_guest(const GuestContext& context, u64 counter_offset);
void save_guest(GuestContext& context);

/// Whether the loaded guest's virtual timer asserts its interrupt.
[[nodiscard]] bool is_guest_timer_asserted();

/// Sets CNTVOFF_EL2 for the loaded guest.
void set_counter_offset(u64 offset);

} // namespace trv::arch

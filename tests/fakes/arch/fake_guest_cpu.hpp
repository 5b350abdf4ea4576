// SPDX-License-Identifier: Apache-2.0
#pragma once
// The registers of a CPU that belong to whichever guest is loaded, as far as tests look at them.

#include "arch/cpu/cpu_facts.hpp"
#include "arch/guest_context.hpp"

#include <functional>

namespace trv::arch {

struct FakeGuestCpu {
    u64 counter_offset = 0; ///< CNTVOFF_EL2
    unsigned loads = 0;
    bool timer_asserted = true;    ///< the loaded guest's virtual timer
    std::function<void()> on_load; ///< looks at the CPU before the guest's timer runs
    VirtualError virtual_error{};  ///< HCR_EL2.VSE, VSESR_EL2, VDISR_EL2
    DebugRegisters debug{};        ///< as loaded; all zero if silent
    PmuRegisters pmu{};            ///< as loaded
    u32 pmu_interrupts = 0;        ///< PMINTENSET_EL1
    bool counts = false;           ///< some guest's PMU is loaded
    std::function<void()> on_save; ///< what happens elsewhere while a guest is being unloaded
};
inline FakeGuestCpu fake_guest_cpu;

/// What the hardware's identification registers hold: all the same.
inline u64 fake_id_register = 0;

/// What the CPU's registers say in read_cpu_facts().
inline CpuFacts fake_cpu_facts{};

/// arch::power_off() on the host.
struct MachineOff {};

} // namespace trv::arch

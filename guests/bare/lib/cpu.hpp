// SPDX-License-Identifier: Apache-2.0
#pragma once
// This guest's vCPUs: identifies the current one, starts and stops the others.

#include "guests/bare/lib/fault.hpp"
#include "lib/psci.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv::bare {

using InterruptHandler = void (*)();

struct Cpu {
    u64 recovery; ///< stack pointer of the innermost attempt(), 0 for none
    u64 stack_top;
    u64 entry_sctlr; ///< as PSCI left it
    u64 entry_daif;
    Fault fault;
    unsigned index;
    void (*work)(void*);
    void* argument;
    InterruptHandler on_interrupt; ///< null: an interrupt is an error
    std::atomic<bool> arrived;     ///< it has begun its work
};

inline constexpr unsigned stack_size = 16 * KiB;

[[nodiscard]] Cpu& this_cpu();
[[nodiscard]] Cpu& cpu(unsigned index);
/// vCPUs that the device tree names.
[[nodiscard]] unsigned cpu_count();

/// What an interrupt calls from now on, on this vCPU; null to have none.
void on_interrupt(InterruptHandler handler);

/// Switches a vCPU on to call work(argument) and then CPU_OFF. Returns once it has begun.
/// @return  what CPU_ON answered; with anything but Success nothing was started
[[nodiscard]] psci::Status start_cpu(unsigned index, void (*work)(void*), void* argument);
/// Waits until AFFINITY_INFO reports that it is off.
/// @return  false if that took longer than patience_seconds
[[nodiscard]] bool wait_until_off(unsigned index);

/// For start-up only.
void enter_primary_cpu(unsigned count);

/// The physical address where CPU_ON must enter with a Cpu* as context.
[[nodiscard]] u64 secondary_entry();

} // namespace trv::bare

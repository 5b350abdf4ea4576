#pragma once
// What a physical CPU has of its own. Reached through this_cpu() on that CPU; other CPUs touch only what says so.

#include "arch/gicv3.hpp"
#include "arch/this_cpu.hpp"
#include "vm/scheduler.hpp"
#include "vm/timer_queue.hpp"

#include <atomic>

namespace trv::vm {

struct PerCpu : arch::CpuBlock {
    unsigned index = 0;
    u64 mpidr = 0;                           ///< affinity fields only
    std::atomic<bool> online = false;        ///< any CPU reads
    std::atomic<bool> attention = true;      ///< any CPU sets: look at the scheduler before a guest is entered
    Scheduler scheduler{*this};
    TimerQueue timers;
    arch::Redistributor* redistributor_ = nullptr; ///< this CPU's, once its GIC is up
    alignas(16) u8 fault_stack[4096]{};

    [[nodiscard]] arch::Redistributor& redistributor() { return *redistributor_; }

    /// Makes this CPU run its scheduler soon. From any CPU; another CPU is interrupted by an SGI.
    void request_attention();
};

[[nodiscard]] inline PerCpu& this_cpu() { return static_cast<PerCpu&>(arch::cpu_block()); }

} // namespace trv::vm

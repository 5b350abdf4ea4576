// SPDX-License-Identifier: Apache-2.0
#pragma once
// Per-CPU data. A CPU reaches its own through this_cpu(); other CPUs access only members that say so.

#include "arch/speculation.hpp"
#include "arch/this_cpu.hpp"
#include "irq/table.hpp"
#include "irqchip/chip.hpp"
#include "sched/scheduler.hpp"
#include "sched/timer_queue.hpp"
#include "sync/rate_limit.hpp"
#include "trace/ring.hpp"

#include <atomic>

namespace trv::console {
class Multiplexer;
}

namespace trv::sched {

struct PerCpu : arch::CpuBlock {
    unsigned index = 0;
    u64 mpidr = 0;                    ///< affinity fields only
    std::atomic<bool> online = false; ///< any CPU reads
    Scheduler scheduler{*this};
    TimerQueue timers;
    const irq::Table* interrupts =
        nullptr; ///< who handles what this CPU takes; written before its interrupts are enabled
    console::Multiplexer* console = nullptr;            ///< written before it schedules
    SoftTimer console_timer{drain_console, this};       ///< armed while console output waits for no other event
    std::atomic<trace::Ring*> trace_ring = nullptr;     ///< while a trace is taken; see sched/trace_points.hpp
    irqchip::CpuInterrupts* own_interrupts = nullptr;   ///< SGIs and PPIs, once they are started
    arch::CpuFacts facts;                               ///< written before it is online
    arch::SpeculationMeasures measures;                 ///< the same
    std::atomic<arch::Lack> lack = arch::Lack::Nothing; ///< why it cannot be used; any CPU reads
    RateLimit unexpected_interrupts;                    ///< lines about them
    u64 predictor_owner = 0; ///< VTTBR_EL2 of the VM that ran last, whose branches the CPU remembers; own CPU only

    /// Call this after output that may wait for its line end: a timer sends it soon even without one. Own CPU.
    void watch_console();

    /// Makes this CPU run its scheduler soon. From any CPU; another CPU is interrupted by an SGI.
    void request_attention();
    /// Own CPU: looks at the scheduler before it enters a guest.
    void request_own_attention() { (void)attention.exchange(true, std::memory_order_relaxed); }

  private:
    static void drain_console(void* cpu);
};

/// Has each CPU send what its guest's output leaves waiting, some milliseconds later. Context: boot, before any
/// guest runs. Precondition: each has its PerCpu::console.
void serve_guests_output(console::Multiplexer& console);

[[nodiscard]] inline PerCpu& this_cpu() {
    return static_cast<PerCpu&>(arch::cpu_block());
}

} // namespace trv::sched

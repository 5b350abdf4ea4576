// SPDX-License-Identifier: Apache-2.0
#include "sched/per_cpu.hpp"

#include "arch/cpu/clock.hpp"
#include "console/wire/multiplexer.hpp"
#include "sched/interrupts.hpp"

namespace trv::sched {

void PerCpu::request_attention() {
    // Before the SGI: the target clears the flag first, then checks the state that the flag announces.
    const bool was_set = attention.exchange(true, std::memory_order_seq_cst);
    if (!was_set && this != &this_cpu()) {
        irqchip::Gic::send_sgi(attention_sgi, mpidr);
    }
}

void PerCpu::watch_console() {
    constexpr u64 wait_milliseconds = 5;
    if (console->output_pending() && !console_timer.armed()) {
        timers.arm(console_timer, arch::ticks() + arch::tick_hz() / 1000 * wait_milliseconds);
        request_own_attention(); // the scheduler programs the hardware's timer
    }
}

void PerCpu::drain_console(void* cpu) {
    PerCpu& own = *static_cast<PerCpu*>(cpu);
    own.console->pump();
    own.watch_console();
}

void serve_guests_output(console::Multiplexer& console) {
    console.on_output_left([] { this_cpu().watch_console(); });
}

} // namespace trv::sched

// SPDX-License-Identifier: Apache-2.0
#include "sched/interrupts.hpp"

#include "arch/exception/pending_interrupt.hpp"
#include "irqchip/chip.hpp"
#include "lib/log.hpp"
#include "sched/per_cpu.hpp"
#include "sched/trace_points.hpp"

namespace trv::sched {
namespace {

using irqchip::Gic;

void attention(void*, IntId) {
    // The sender has set CpuBlock::attention: the exit path then runs the scheduler (trap/exit.cpp).
}

void hyp_timer_fired(void*, IntId) {
    this_cpu().scheduler.on_timer();
}

void complete(IntId intid) {
    Gic::drop_priority(intid);
    Gic::deactivate(intid);
}

void handle(PerCpu& cpu, IntId intid) {
    trace_event(cpu, trace::Kind::Interrupt, intid.value);
    const irq::Owner& owner = cpu.interrupts->owner_of(intid);
    if (owner.completion == irq::Completion::After) {
        owner.handler(owner.context, intid);
        complete(intid);
        return;
    }
    Gic::drop_priority(intid);
    if (owner.completion == irq::Completion::Before) {
        Gic::deactivate(intid);
    }
    owner.handler(owner.context, intid);
}

} // namespace

void unexpected_interrupt(void*, IntId intid) {
    PerCpu& cpu = this_cpu();
    log_limited(cpu.unexpected_interrupts, "unexpected interrupt {} on CPU {}", intid.value, cpu.index);
}

Result<void> claim_interrupts(irq::Table& table, IntId hyp_timer) {
    TRY(table.claim(attention_sgi, {.handler = attention}));
    return table.claim(hyp_timer, {.handler = hyp_timer_fired});
}

void handle_interrupts(PerCpu& cpu) {
    // Bounded: a device that interrupts endlessly must not keep guests from running; they are interrupted again anyway.
    constexpr unsigned most_at_once = 16;
    unsigned left = most_at_once;
    do {
        const IntId intid = Gic::acknowledge();
        if (intid.is_special()) {
            return;
        }
        handle(cpu, intid);
    } while (--left != 0 && arch::interrupt_pending()); // cheaper than an acknowledge without an interrupt
}

} // namespace trv::sched

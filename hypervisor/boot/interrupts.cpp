// SPDX-License-Identifier: Apache-2.0
#include "boot/interrupts.hpp"

#include "console/console.hpp"
#include "irq/table.hpp"
#include "irqchip/chip.hpp"
#include "lib/late.hpp"
#include "lib/log.hpp"
#include "sched/interrupts.hpp"
#include "vm/interrupts.hpp"

namespace trv::boot {
namespace {

constinit irqchip::Gic gic;
constinit Late<irq::Table> owners;

/// Those that each CPU has. Where the tree does not name them: what the Server Base System Architecture assigns.
struct CpuInterrupts {
    IntId virtual_timer{27};
    IntId hyp_timer{26};
    IntId maintenance{25};
};
constinit CpuInterrupts of_cpus;

CpuInterrupts cpu_interrupts(const machine::Machine& machine) {
    constexpr CpuInterrupts usual;
    return {IntId(machine.timer.virtual_intid.value_or(usual.virtual_timer.value)),
            IntId(machine.timer.hyp_intid.value_or(usual.hyp_timer.value)),
            IntId(machine.gic->maintenance_intid.value_or(usual.maintenance.value))};
}

void enable_spi(IntId intid) {
    gic.route(intid, sched::this_cpu().mpidr);
    gic.enable(intid);
}

void console_interrupt(void*, IntId) {
    console::multiplexer().poll_input();
    console::multiplexer().pump();
}

void tee_notification(void* mediator, IntId) {
    static_cast<vm::Mediator*>(mediator)->notification_interrupt();
}

} // namespace

Result<void> start_interrupts(const machine::Machine& machine, memory::HostSpace& space) {
    TRY(gic.start(*machine.gic, space));
    irq::Table& table = owners.emplace(sched::unexpected_interrupt);
    TRY(table.create(gic.interrupts()));
    of_cpus = cpu_interrupts(machine);
    TRY(sched::claim_interrupts(table, of_cpus.hyp_timer));
    TRY(vm::claim_interrupts(table, of_cpus.virtual_timer, of_cpus.maintenance));
    if (machine.uart && machine.uart->intid) {
        const IntId intid(*machine.uart->intid);
        const Result<void> claimed = table.claim(intid, {.handler = console_interrupt});
        if (!claimed) { // it is polled whenever something is written
            log_always("the console's input has no interrupt: {}", claimed.error());
            return {};
        }
        enable_spi(intid);
    }
    return {};
}

IntId virtual_timer_interrupt() {
    return of_cpus.virtual_timer;
}

Result<void> start_tee_interrupt(IntId intid, vm::Mediator& mediator) {
    // Completed before OP-TEE is queried: a value that arrives meanwhile makes it pending again.
    TRY(owners->claim(intid, {tee_notification, &mediator, irq::Completion::Before}));
    gic.set_trigger(intid, irqchip::Trigger::Edge);
    enable_spi(intid);
    return {};
}

Result<void> start_cpu_interrupts(sched::PerCpu& cpu) {
    TRY(gic.init_cpu(cpu.index, cpu.mpidr));
    cpu.own_interrupts = &gic.of_cpu(cpu.index);
    cpu.interrupts = &*owners;
    for (const IntId intid : {sched::attention_sgi, of_cpus.virtual_timer, of_cpus.hyp_timer, of_cpus.maintenance}) {
        cpu.own_interrupts->enable(intid);
    }
    return {};
}

} // namespace trv::boot

// SPDX-License-Identifier: Apache-2.0
#include "boot/interrupts.hpp"

#include "console/wire/multiplexer.hpp"
#include "lib/log.hpp"
#include "vm/interrupts.hpp"
#include "vm/pmu.hpp"

namespace trv::boot {
namespace {

void console_interrupt(void* context, IntId) {
    auto& console = *static_cast<console::Multiplexer*>(context);
    console.poll_input();
    console.pump();
}

void tee_notification(void* mediator, IntId) {
    static_cast<vm::Mediator*>(mediator)->notification_interrupt();
}

} // namespace

Interrupts::OfCpus Interrupts::find(const machine::Machine& machine) {
    constexpr OfCpus usual;
    return {IntId(machine.timer.virtual_intid.value_or(usual.virtual_timer.value)),
            IntId(machine.timer.hyp_intid.value_or(usual.hyp_timer.value)),
            IntId(machine.gic->maintenance_intid.value_or(usual.maintenance.value)),
            option::pmu && machine.pmu ? std::optional(IntId(machine.pmu->intid)) : std::nullopt};
}

void Interrupts::enable_spi(IntId intid) {
    gic_.route(intid, sched::this_cpu().mpidr);
    gic_.enable(intid);
}

Result<void> Interrupts::start(const machine::Machine& machine, memory::HostSpace& space, memory::DeviceTable& devices,
                               console::Multiplexer& console) {
    for (const PaRange& registers : machine.gic->registers) {
        TRY(devices.reserve(registers));
    }
    TRY(gic_.start(*machine.gic, space));
    TRY(owners_.create(gic_.interrupts()));
    of_cpus_ = find(machine);
    TRY(sched::claim_interrupts(owners_, of_cpus_.hyp_timer));
    TRY(vm::claim_interrupts(owners_, of_cpus_.virtual_timer, of_cpus_.maintenance));
    if constexpr (option::pmu) {
        if (of_cpus_.pmu) {
            TRY(vm::claim_pmu_interrupt(owners_, *of_cpus_.pmu));
        }
    }
    if (machine.uart && machine.uart->intid) {
        const IntId intid(*machine.uart->intid);
        const Result<void> claimed = owners_.claim(intid, {.handler = console_interrupt, .context = &console});
        if (!claimed) { // it is polled whenever something is written
            log_always("the console's input has no interrupt: {}", claimed.error());
            return {};
        }
        enable_spi(intid);
    }
    return {};
}

Result<void> Interrupts::start_tee(IntId intid, vm::Mediator& mediator) {
    // Completed before OP-TEE is queried: a value that arrives meanwhile makes it pending again.
    TRY(owners_.claim(intid, {tee_notification, &mediator, irq::Completion::Before}));
    gic_.set_trigger(intid, irqchip::Trigger::Edge);
    enable_spi(intid);
    return {};
}

Result<void> Interrupts::start_cpu(sched::PerCpu& cpu) {
    TRY(gic_.init_cpu(cpu.index, cpu.mpidr));
    cpu.own_interrupts = &gic_.of_cpu(cpu.index);
    cpu.interrupts = &owners_;
    for (const IntId intid : {sched::attention_sgi, of_cpus_.virtual_timer, of_cpus_.hyp_timer, of_cpus_.maintenance}) {
        cpu.own_interrupts->enable(intid);
    }
    if (of_cpus_.pmu) {
        cpu.own_interrupts->enable(*of_cpus_.pmu);
    }
    return {};
}

} // namespace trv::boot

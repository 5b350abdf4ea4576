// SPDX-License-Identifier: Apache-2.0
#include "boot/interrupts.hpp"

#include "arch/gicv3.hpp"
#include "console/console.hpp"
#include "irq/table.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/late.hpp"
#include "lib/log.hpp"
#include "sched/interrupts.hpp"
#include "vm/interrupts.hpp"

namespace trv::boot {
namespace {

constinit arch::Gicv3 gic;
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

Result<void> start_gic(const machine::Gic& described, memory::HostSpace& space) {
    FixedVector<arch::RedistributorRegion, machine::max_redistributor_regions> regions;
    for (const PaRange& region : described.redistributors) {
        (void)regions.push_back(
            {TRY(space.map_device(region)), region.size}); // has the same capacity as the description
    }
    const Va distributor = TRY(space.map_device(described.distributor));
    return gic.init(distributor, {regions.begin(), regions.size()}, described.redistributor_stride);
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
    static_cast<tee::Mediator*>(mediator)->notification_interrupt();
}

} // namespace

Result<void> start_interrupts(const machine::Machine& machine, memory::HostSpace& space) {
    TRY(start_gic(*machine.gic, space));
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

Result<void> start_tee_interrupt(IntId intid, tee::Mediator& mediator) {
    // Completed before OP-TEE is queried: a value that arrives meanwhile makes it pending again.
    TRY(owners->claim(intid, {tee_notification, &mediator, irq::Completion::Before}));
    gic.set_trigger(intid, arch::Trigger::Edge);
    enable_spi(intid);
    return {};
}

Result<void> start_cpu_interrupts(sched::PerCpu& cpu) {
    TRY(gic.init_cpu(cpu.index));
    cpu.redistributor_ = &gic.redistributor(cpu.index);
    cpu.interrupts = &*owners;
    for (const IntId intid : {sched::attention_sgi, of_cpus.virtual_timer, of_cpus.hyp_timer, of_cpus.maintenance}) {
        cpu.redistributor_->enable(intid);
    }
    return {};
}

} // namespace trv::boot

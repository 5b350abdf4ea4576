// SPDX-License-Identifier: Apache-2.0
#include "vm/vcpu.hpp"

#include "arch/asynchronous_error.hpp"
#include "arch/cpu/clock.hpp"
#include "arch/memory/stage2_switch.hpp"
#include "arch/registers/registers.hpp"
#include "lib/checked.hpp"
#include "sched/per_cpu.hpp"
#include "sched/speculation.hpp"
#include "vm/guest_error.hpp"
#include "vm/physical_timer.hpp"
#include "vm/pmu.hpp"
#include "vm/vm.hpp"

namespace trv::vm {
namespace {

constexpr u64 mpidr_res1 = arch::bit(31);

} // namespace

Vcpu::PhysicalTimer::PhysicalTimer(Vcpu& vcpu) : timer(physical_timer_expired, &vcpu) {}

Vcpu::Vcpu(Vm& vm, unsigned index, sched::PerCpu& home)
    : Runnable(vm.group(), index, home), physical_timer(*this), vm_(vm) {
    context_.vmpidr = mpidr_res1 | index;
}

void Vcpu::wait_for_interrupt() {
    clear_wake();
    if (!vm_.vgic().has_deliverable(index())) {
        home().scheduler.block();
    }
}

void Vcpu::suspend() {
    clear_wake();
    if (!vm_.vgic().has_pending(index())) {
        home().scheduler.block();
    }
}

void Vcpu::restart(u64 entry, u64 argument) {
    arch::save_guest(context_); // the timer is off then
    if constexpr (option::pmu) {
        reset_pmu(*this);
    }
    const arch::TimerRegisters timer = context_.timer;
    const arch::VirtualError error = context_.virtual_error;
    arch::reset(context_, entry, argument);
    context_.timer = timer;
    context_.virtual_error = error;
    arch::load_guest(context_, loaded_offset_);
}

bool Vcpu::complete_exit(vdev::Ticket ticket, u64 value) {
    if (!exit_.answer(ticket, value)) {
        return false;
    }
    home().scheduler.end_await(*this);
    return true;
}

void Vcpu::load() {
    sched::forget_branches(home(), vm_.memory().stage2().vttbr());
    arch::switch_stage2(vm_.memory().stage2().vtcr(), vm_.memory().stage2().vttbr());
    // Before the timer is enabled: its interrupt must not fire again if the vCPU has not completed it.
    vm_.vgic().load(index(), *home().own_interrupts);
    loaded_offset_ = vm_.clock().offset();
    arch::load_guest(context_, loaded_offset_);
    if constexpr (option::pmu) {
        load_pmu(*this);
    }
    home().registers = &context_.registers;
}

void Vcpu::unload() {
    arch::settle_errors(); // what it did is complete, and none of its errors comes later than this
    home().scheduler.deliver_errors();
    arch::save_guest(context_);
    if constexpr (option::pmu) {
        unload_pmu(*this);
    }
    vm_.vgic().unload(index());
}

std::optional<u64> Vcpu::timer_deadline() const {
    using namespace arch::timer_ctl;
    if ((context_.timer.control & (ENABLE | IMASK)) != ENABLE) {
        return std::nullopt;
    }
    if (vm_.vgic().is_hardware_held(index(), IntId(guest::timer_virtual_intid))) {
        return std::nullopt;
    }
    const Result<u64> deadline = checked_add(context_.timer.compare, vm_.clock().offset());
    if (!deadline) {
        return std::nullopt; // the virtual count reaches it only in centuries
    }
    return *deadline;
}

void Vcpu::prepare() {
    if (exit_.is_begun()) [[unlikely]] { // and answered, as it may run
        exit_.finish(*this);
    }
    if (loaded_offset_ != vm_.clock().offset()) { // the VM was paused meanwhile
        loaded_offset_ = vm_.clock().offset();
        arch::set_counter_offset(loaded_offset_);
    }
    vm_.stolen_time().publish(index(), steal_time());
    vm_.vgic().flush(index());
}

sched::Verdict Vcpu::verdict() const {
    if (vm_.stop().is_made()) {
        return sched::Verdict::Park;
    }
    return vm_.clock().is_paused() ? sched::Verdict::Hold : sched::Verdict::Run;
}

void Vcpu::on_parked() {
    exit_.cancel();
    vm_.on_parked(*this);
}

void Vcpu::on_held() {
    vm_.clock().hold();
}

void Vcpu::on_error(u64 syndrome) {
    deliver_error(*this, syndrome);
}

bool Vcpu::is_virtual_timer_asserted() const {
    using namespace arch::timer_ctl;
    if (home().scheduler.loaded() == this) {
        return arch::is_guest_timer_asserted();
    }
    const arch::TimerRegisters& timer = context_.timer;
    return (timer.control & (ENABLE | IMASK)) == ENABLE && arch::ticks() - vm_.clock().offset() >= timer.compare;
}

} // namespace trv::vm

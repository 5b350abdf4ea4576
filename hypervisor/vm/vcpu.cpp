// SPDX-License-Identifier: Apache-2.0
#include "vm/vcpu.hpp"

#include "arch/asynchronous_error.hpp"
#include "arch/clock.hpp"
#include "arch/registers.hpp"
#include "arch/stage2_switch.hpp"
#include "lib/checked.hpp"
#include "vm/guest_error.hpp"
#include "vm/per_cpu.hpp"
#include "vm/physical_timer.hpp"
#include "vm/speculation.hpp"
#include "vm/vm.hpp"

namespace trv::vm {
namespace {

constexpr u64 mpidr_res1 = arch::bit(31);

void wake_vcpu(void* context) {
    static_cast<Vcpu*>(context)->wake();
}

void end_cap_hold(void* context) {
    Vcpu& vcpu = *static_cast<Vcpu*>(context);
    vcpu.home().scheduler.end_cap_hold(vcpu);
}

} // namespace

Vcpu::PhysicalTimer::PhysicalTimer(Vcpu& vcpu) : timer(physical_timer_expired, &vcpu) {}

Vcpu::Vcpu(Vm& vm, unsigned index, PerCpu& home)
    : physical_timer(*this), vm_(vm), index_(index), home_(home), virtual_timer_wake_(wake_vcpu, this),
      cap_timer_(end_cap_hold, this) {
    context_.vmpidr = mpidr_res1 | index;
}

void Vcpu::wake() {
    home_.scheduler.wake(*this);
}

void Vcpu::wait_for_interrupt() {
    clear_wake();
    if (!vm_.vgic().has_deliverable(index_)) {
        home_.scheduler.block();
    }
}

void Vcpu::load() {
    forget_branches(home_, vm_.stage2().vttbr());
    arch::switch_stage2(vm_.stage2().vtcr(), vm_.stage2().vttbr());
    // Before the timer is enabled: its interrupt must not fire again if the vCPU has not completed it.
    vm_.vgic().load(index_, home_.redistributor());
    loaded_offset_ = vm_.counter_offset();
    arch::load_guest(context_, loaded_offset_);
}

void Vcpu::unload() {
    arch::settle_errors(); // what it did is complete, and none of its errors comes later than this
    deliver_errors(home_);
    arch::save_guest(context_);
    vm_.vgic().unload(index_);
}

std::optional<u64> Vcpu::virtual_timer_deadline() const {
    using namespace arch::timer_ctl;
    if ((context_.timer.control & (ENABLE | IMASK)) != ENABLE) {
        return std::nullopt;
    }
    if (vm_.vgic().is_hardware_held(index_, IntId(guest_timer_virtual_intid))) {
        return std::nullopt;
    }
    const Result<u64> deadline = checked_add(context_.timer.compare, vm_.counter_offset());
    if (!deadline) {
        return std::nullopt; // the virtual count reaches it only in centuries
    }
    return *deadline;
}

bool Vcpu::is_virtual_timer_asserted() const {
    using namespace arch::timer_ctl;
    if (home_.scheduler.loaded() == this) {
        return arch::is_guest_timer_asserted();
    }
    const arch::TimerRegisters& timer = context_.timer;
    return (timer.control & (ENABLE | IMASK)) == ENABLE && arch::ticks() - vm_.counter_offset() >= timer.compare;
}

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#include "sched/loaded_vcpu.hpp"

#include "arch/memory/stage2_switch.hpp"
#include "lib/log.hpp"
#include "sched/per_cpu.hpp"

#include <utility>

namespace trv::sched {
namespace {

// Out of line: its text buffer would cost every run of the scheduler a protected frame.
[[noreturn, gnu::cold, gnu::noinline]] void panic_for_own_error(const PerCpu& cpu) {
    log_always("CPU {}: asynchronous error (SError, syndrome {}) with no guest loaded", cpu.index,
               hex(cpu.error_syndrome));
    panic("an access of the hypervisor's own failed");
}

} // namespace

void LoadedVcpu::deliver_errors() {
    if (!std::exchange(cpu_.has_error, false)) [[likely]] {
        return;
    }
    if (vcpu_ == nullptr) {
        panic_for_own_error(cpu_);
    }
    vcpu_->on_error(cpu_.error_syndrome);
}

void LoadedVcpu::forget(Runnable& vcpu) {
    cpu_.timers.disarm(vcpu.timer_wake_);
    cpu_.timers.disarm(vcpu.cap_timer_);
    if (vcpu_ == &vcpu) {
        vcpu.unload();
        arch::leave_stage2(); // its VM may end now, and the tables with it
        vcpu_ = nullptr;
        cpu_.registers = nullptr;
    }
}

void LoadedVcpu::stand_in_for_timer(Runnable& unloaded) {
    if (unloaded.run_state() != RunState::Blocked) {
        return; // it is in the queue, and its timer is restored when it runs
    }
    if (const auto deadline = unloaded.timer_deadline()) {
        cpu_.timers.arm(unloaded.timer_wake_, *deadline);
    }
}

void LoadedVcpu::exchange(Runnable& vcpu) {
    if (vcpu_ != nullptr) {
        vcpu_->unload();
        stand_in_for_timer(*vcpu_);
    }
    cpu_.timers.disarm(vcpu.timer_wake_);
    vcpu.load();
    vcpu_ = &vcpu;
    // The vCPUs of a VM share its VMID, but a vCPU's TLB entries under its own ASIDs must not apply to another's.
    u8& last = last_[vcpu.group_.index];
    if (last != vcpu.index_) {
        last = static_cast<u8>(vcpu.index_);
        arch::forget_loaded_translations();
    }
}

} // namespace trv::sched

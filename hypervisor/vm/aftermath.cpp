// SPDX-License-Identifier: Apache-2.0
// What comes after a VM has stopped: it starts again or goes, in steps, and with the last one, or as its description wants,
// the machine's power.

#include "arch/cpu/clock.hpp"
#include "arch/firmware.hpp"
#include "generated/option/trace.hpp"
#include "vm/manager.hpp"
#include "vm/trace/tracing.hpp"

namespace trv::vm {
namespace {

/// What a VM wrote last may wait for the UART so long, beside all others.
constexpr u64 console_patience_seconds = 5;

console::StopReason event_reason(StopReason reason) {
    switch (reason) {
    case StopReason::Reset:
    case StopReason::Reboot:
        return console::StopReason::Reboot;
    case StopReason::Crash:
        return console::StopReason::Crash;
    case StopReason::Destroyed:
        return console::StopReason::Destroyed;
    case StopReason::None:
    case StopReason::Off:
        break;
    }
    return console::StopReason::Off;
}

enum class Aftermath : u8 { Restart, Retire, HaltMachine };

Aftermath aftermath(const machine::VmDescription& description, StopReason reason) {
    if (reason == StopReason::Reset) {
        return Aftermath::Restart;
    }
    if (reason == StopReason::Reboot) {
        switch (description.on_reboot) {
        case machine::OnReboot::Restart:
            return Aftermath::Restart;
        case machine::OnReboot::Stop:
            return Aftermath::Retire;
        case machine::OnReboot::HaltMachine:
            return Aftermath::HaltMachine;
        }
    }
    if (reason == StopReason::Crash) {
        switch (description.on_crash) {
        case machine::OnCrash::Restart:
            return Aftermath::Restart;
        case machine::OnCrash::Stop:
            return Aftermath::Retire;
        case machine::OnCrash::HaltMachine:
            return Aftermath::HaltMachine;
        }
    }
    return Aftermath::Retire;
}

} // namespace

void Manager::on_stopped(Vm& vm) {
    // A request that is more final may come until the VM's next life begins here, and counts. One that comes later is
    // for that next life, and takes effect before its first instruction.
    StopReason reason = vm.stop().reason();
    Aftermath what = aftermath(vm.description(), reason);
    while (what == Aftermath::Restart && !vm.stop().end(reason)) {
        reason = vm.stop().reason();
        what = aftermath(vm.description(), reason);
    }
    // Decided before the stop is announced: an observer of the last stop may itself request power-off, but the reason
    // to report is that stop.
    const bool last = what == Aftermath::Retire && leave();
    if (reason == StopReason::Crash) {
        log_always("{}: stopped: {}", vm.name(), vm.stop().detail());
    } else {
        log("{}: stopped: {}", vm.name(), name_of(reason));
    }
    resources_.console.events().vm_stopped(vm.name(), event_reason(reason), vm.stop().detail());
    switch (what) {
    case Aftermath::Restart:
        restart(vm);
        return;
    case Aftermath::Retire:
        if (vm.is_host() && reason == StopReason::Off && !last) { // the machine's operator powers it off
            log("{}: the other VMs end, and the machine powers off", vm.name());
            ending_.store(true);
            sched::this_cpu().scheduler.add_job(end_others_);
        }
        retire(vm, last);
        return;
    case Aftermath::HaltMachine:
        power_off_machine(console::PowerOffReason::HaltPolicy);
    }
}

void Manager::restart(Vm& vm) {
    vm.reset();
    vm.start();
}

void Manager::retire(Vm& vm, bool last) {
    if (last) { // no VM is left that could use its memory
        power_off_machine(console::PowerOffReason::AllVmsStopped);
    }
    sched::this_cpu().scheduler.add_job(slots_[vm.index()]);
}

sched::Runnable* Manager::Slot::payer() {
    if (closing_until != 0 || forgetting) {
        return nullptr; // the VM is gone, or may be after the step
    }
    for (unsigned i = 0; i < vm->vcpu_count(); ++i) {
        if (&vm->vcpu(i).home() == &sched::this_cpu()) {
            return &vm->vcpu(i);
        }
    }
    return nullptr;
}

bool Manager::Slot::step() {
    if (forgetting) {
        return forget_step();
    }
    if (closing_until == 0) {
        const Result<bool> done = vm->give_back_step();
        if (done.value_or(false)) {
            closing_until = arch::ticks() + arch::tick_hz() * console_patience_seconds;
        }
        return true; // some of it may still be pinned: try again after the next time slice
    }
    if (arch::ticks() < closing_until && !vm->devices().try_release()) {
        return true;
    }
    closing_until = 0;
    Unique<Vm> last;
    {
        const Guard guard(manager->lock_);
        last = std::move(vm);
        emptying = true;
    }
    last.reset(); // not under the lock: it takes its time
    const Guard guard(manager->lock_);
    emptying = false;
    forgetting = abandoned && !creating && users == 0; // who has yet to return looks for itself then
    return forgetting;
}

bool Manager::Slot::forget_step() {
    if constexpr (option::manager) { // without it no VM has any
        if (!belongings->give_back_step()) {
            return true;
        }
    }
    VmId last; // given back last
    Unique<machine::VmConfig> description;
    Unique<Belongings> rest;
    const Guard guard(manager->lock_);
    forgetting = false;
    last = std::move(id);
    description = std::move(config);
    rest = std::move(belongings);
    return false;
}

bool Manager::leave() {
    return alive_.fetch_sub(1) == 1;
}

bool Manager::PowerOff::step() {
    manager.power_off_machine(manager.alive_.load() == 0 ? console::PowerOffReason::AllVmsStopped
                                                         : console::PowerOffReason::Monitor);
}

bool Manager::EndOthers::step() {
    manager.for_each_vm([](Vm& vm) { vm.request_stop(StopReason::Destroyed); }); // no effect on what has ended
    return false;
}

void Manager::power_off_machine(console::PowerOffReason reason) {
    if constexpr (option::trace) {
        if (resources_.tracing != nullptr) {
            resources_.tracing->finish();
        }
    }
    resources_.console.events().machine_off(reason);
    resources_.console.flush();
    arch::power_off();
}

void Manager::power_off_soon() {
    if (!power_off_asked_.exchange(true)) {
        sched::this_cpu().scheduler.add_job(power_off_);
    }
}

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/nospec.hpp"
#include "arch/registers/registers.hpp"
#include "arch/smccc.hpp"
#include "lib/psci.hpp"
#include "sched/per_cpu.hpp"
#include "trap/smc_service.hpp"
#include "vm/vm.hpp"

#include <optional>

namespace trv::trap {
namespace {

using psci::Status;

void answer(vm::Vcpu& vcpu, Status status) {
    vcpu.registers().x[0] = static_cast<u64>(i64{static_cast<i32>(status)});
}

/// Arguments of SMC32 calls are 32 bits wide, whatever the upper halves hold [SMCCC 3.1].
u64 argument(vm::Vcpu& vcpu, u32 function, unsigned index) {
    const u64 value = vcpu.registers().x[index];
    return arch::smccc::is_64_bit(function) ? value : static_cast<u32>(value);
}

/// The vCPU with MPIDR affinity `target`: Aff0 = index, the rest 0.
vm::Vcpu* find_vcpu(vm::Vm& vm, u64 target) {
    const unsigned vcpus = vm.vcpu_count();
    return target < vcpus ? &vm.vcpu(static_cast<unsigned>(arch::nospec_index(target, vcpus))) : nullptr;
}

/// Entry points must be in the VM's memory: an error now is better than a stopped VM later. Bit 0 of one in AArch32 chooses
/// T32 instructions [PSCI 5.6.2].
bool is_entry(vm::Vcpu& vcpu, u64 entry) {
    const bool aligned = vcpu.is_aarch32() ? entry % 4 != 2 : entry % 4 == 0;
    // A VM without memory of its own starts its vCPUs in what the host lends.
    return aligned && (vcpu.vm().memory().ram().contains(Ipa(entry)) || vcpu.vm().first_bank().contains(Ipa(entry)));
}

Status cpu_on(vm::Vcpu& vcpu, u32 function) {
    vm::Vm& vm = vcpu.vm();
    vm::Vcpu* const target = find_vcpu(vm, argument(vcpu, function, 1));
    if (target == nullptr) {
        return Status::InvalidParameters;
    }
    const u64 entry = argument(vcpu, function, 2);
    if (!is_entry(vcpu, entry)) {
        return Status::InvalidAddress;
    }
    switch (vm.power_on(*target, entry, argument(vcpu, function, 3))) {
    case vm::VcpuSet::PowerOn::Done:
        return Status::Success;
    case vm::VcpuSet::PowerOn::AlreadyOn:
        return Status::AlreadyOn;
    case vm::VcpuSet::PowerOn::Stopping:
        return Status::Denied;
    }
    return Status::InternalFailure;
}

/// A power-down state loses the context and comes back at an entry point; for a single vCPU [PSCI 5.4.2] permits to
/// wait and continue as after a standby, without powering down.
void cpu_suspend(vm::Vcpu& vcpu) {
    answer(vcpu, Status::Success);
    vcpu.suspend();
}

/// The VM sleeps until an interrupt, and its only vCPU goes on at an entry point [PSCI 5.20].
void system_suspend(vm::Vcpu& vcpu, u32 function) {
    vm::Vm& vm = vcpu.vm();
    for (unsigned i = 0; i < vm.vcpu_count(); ++i) {
        if (i != vcpu.index() && vm.vcpus().is_on(i)) {
            answer(vcpu, Status::Denied);
            return;
        }
    }
    const u64 entry = argument(vcpu, function, 1);
    if (!is_entry(vcpu, entry)) {
        answer(vcpu, Status::InvalidAddress);
        return;
    }
    vcpu.restart(entry, argument(vcpu, function, 2));
    vcpu.suspend();
}

void affinity_info(vm::Vcpu& vcpu, u32 function) {
    constexpr u64 lowest_level_only = 0;
    const vm::Vcpu* const target = find_vcpu(vcpu.vm(), argument(vcpu, function, 1));
    if (target == nullptr || argument(vcpu, function, 2) != lowest_level_only) {
        answer(vcpu, Status::InvalidParameters);
        return;
    }
    const bool on = vcpu.vm().vcpus().is_on(target->index());
    vcpu.registers().x[0] = static_cast<u64>(on ? psci::PowerState::On : psci::PowerState::Off);
}

/// A caller in AArch32 has no functions of the SMC64 convention [SMCCC 2.7].
Status features(const vm::Vcpu& vcpu, u32 function) {
    if (vcpu.is_aarch32() && arch::smccc::is_64_bit(function)) {
        return Status::NotSupported;
    }
    switch (function) {
    case psci::Version:
    case psci::CpuSuspend32: // parameter format: original; no OS-initiated mode
    case psci::CpuSuspend64:
    case psci::CpuOff:
    case psci::CpuOn32:
    case psci::CpuOn64:
    case psci::AffinityInfo32:
    case psci::AffinityInfo64:
    case psci::MigrateInfoType:
    case psci::SystemOff:
    case psci::SystemReset:
    case psci::Features:
    case psci::SystemSuspend32:
    case psci::SystemSuspend64:
    case arch::smccc::Version:
        return Status::Success;
    default:
        return Status::NotSupported;
    }
}

} // namespace

void PsciCalls::handle(vm::Vcpu& vcpu, u32 function) {
    constexpr u64 no_trusted_os_to_migrate = 2; // [PSCI 5.9]
    switch (function) {
    case psci::Version:
        vcpu.registers().x[0] = psci::version_1_1;
        return;
    case psci::CpuSuspend32:
    case psci::CpuSuspend64:
        cpu_suspend(vcpu);
        return;
    case psci::CpuOff:
        vcpu.vm().power_off_current();
        return;
    case psci::CpuOn32:
    case psci::CpuOn64:
        answer(vcpu, cpu_on(vcpu, function));
        return;
    case psci::AffinityInfo32:
    case psci::AffinityInfo64:
        affinity_info(vcpu, function);
        return;
    case psci::MigrateInfoType:
        vcpu.registers().x[0] = no_trusted_os_to_migrate;
        return;
    case psci::SystemOff:
        vcpu.vm().request_stop(vm::StopReason::Off);
        return;
    case psci::SystemReset:
        vcpu.vm().request_stop(vm::StopReason::Reboot);
        return;
    case psci::SystemSuspend32:
    case psci::SystemSuspend64:
        system_suspend(vcpu, function);
        return;
    case psci::Features:
        answer(vcpu, features(vcpu, static_cast<u32>(vcpu.registers().x[1])));
        return;
    default:
        answer(vcpu, Status::NotSupported);
        return;
    }
}

} // namespace trv::trap

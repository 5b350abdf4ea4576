// SPDX-License-Identifier: Apache-2.0
#include "arch/firmware.hpp"

#include "arch/cpu/wait.hpp"
#include "arch/smccc.hpp"

namespace trv::arch {
namespace {

psci::Status psci_call(u32 function, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
    const SmcResult result = smc({{function, a1, a2, a3}});
    return static_cast<psci::Status>(static_cast<i32>(result.a[0]));
}

} // namespace

Result<void> cpu_on(u64 mpidr, Pa entry, u64 argument) {
    switch (psci_call(psci::CpuOn64, mpidr, entry.value, argument)) {
    case psci::Status::Success:
        return {};
    case psci::Status::AlreadyOn:
    case psci::Status::OnPending:
        return fail(Error::Busy);
    case psci::Status::InvalidParameters:
        return fail(Error::Invalid);
    default:
        return fail(Error::Unsupported);
    }
}

void cpu_off() {
    psci_call(psci::CpuOff);
    for (;;) { // the firmware cannot
        wait_for_interrupt();
    }
}

void power_off() {
    psci_call(psci::SystemOff);
    for (;;) { // the firmware cannot power off
        wait_for_interrupt();
    }
}

i32 firmware_feature(u32 function) {
    // SMCCC_VERSION may be called only once PSCI_FEATURES says it exists [SMCCC 7.2.1].
    if (psci_call(psci::Features, smccc::Version) != psci::Status::Success) {
        return -1;
    }
    return static_cast<i32>(smc({{smccc::ArchFeatures, function}}).a[0]);
}

} // namespace trv::arch

// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu_facts.hpp"
#include "arch/firmware.hpp"
#include "arch/smccc.hpp"
#include "arch/sysreg.hpp"

namespace trv::arch {

CpuFacts read_cpu_facts() {
    return {.midr = MidrEl1::read(),
            .pfr0 = IdAa64pfr0El1::read(),
            .mmfr0 = IdAa64mmfr0El1::read(),
            .mmfr1 = IdAa64mmfr1El1::read(),
            .isar2 = IdAa64isar2El1::read(),
            .workaround1 = firmware_feature(smccc::ArchWorkaround1),
            .workaround2 = firmware_feature(smccc::ArchWorkaround2),
            .workaround3 = firmware_feature(smccc::ArchWorkaround3)};
}

} // namespace trv::arch

// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/cpu_facts.hpp"
#include "arch/firmware.hpp"
#include "arch/registers/id_registers.hpp"
#include "arch/registers/sysreg.hpp"
#include "arch/smccc.hpp"

namespace trv::arch {

// The register's number is part of the instruction, so each one needs an MRS of its own.
#define ROW(crm) CASE(crm, 0) CASE(crm, 1) CASE(crm, 2) CASE(crm, 3) CASE(crm, 4) CASE(crm, 5) CASE(crm, 6) CASE(crm, 7)
#define CASE(crm, op2)                                                                                                 \
    case system_register(3, 0, 0, crm, op2).encoding:                                                                  \
        asm("mrs %0, s3_0_c0_c" #crm "_" #op2 : "=r"(value));                                                          \
        break;

u64 read_id_register(SystemRegister name) {
    // NOLINTNEXTLINE(misc-const-correctness): the instruction changes it
    u64 value = 0; // the whole space is allocated or reads as zero [Arm ARM D23.3.1]
    switch (name.encoding) { ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7) default : break; }
    return value;
}

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

// SPDX-License-Identifier: Apache-2.0
// System registers: what a guest has, and what is not there.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/registers/register_probe.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

struct NamedRead {
    std::string_view name;
    RegisterRead (*read)();
};

constexpr NamedRead present[] = {
    {"SCTLR_EL1 can be read", read_register<3, 0, 1, 0, 0>},
    {"CPACR_EL1 can be read", read_register<3, 0, 1, 0, 2>},
    {"TTBR0_EL1 can be read", read_register<3, 0, 2, 0, 0>},
    {"TTBR1_EL1 can be read", read_register<3, 0, 2, 0, 1>},
    {"TCR_EL1 can be read", read_register<3, 0, 2, 0, 2>},
    {"AFSR0_EL1 can be read", read_register<3, 0, 5, 1, 0>},
    {"PAR_EL1 can be read", read_register<3, 0, 7, 4, 0>},
    {"MAIR_EL1 can be read", read_register<3, 0, 10, 2, 0>},
    {"AMAIR_EL1 can be read", read_register<3, 0, 10, 3, 0>},
    {"ISR_EL1 can be read", read_register<3, 0, 12, 1, 0>},
    {"CONTEXTIDR_EL1 can be read", read_register<3, 0, 13, 0, 1>},
    {"CNTKCTL_EL1 can be read", read_register<3, 0, 14, 1, 0>},
    {"CLIDR_EL1 can be read", read_register<3, 1, 0, 0, 1>},
    {"CCSIDR_EL1 can be read", read_register<3, 1, 0, 0, 0>},
    {"AIDR_EL1 can be read", read_register<3, 1, 0, 0, 7>},
    {"REVIDR_EL1 can be read", read_register<3, 0, 0, 0, 6>},
    {"CSSELR_EL1 can be read", read_register<3, 2, 0, 0, 0>},
    {"CTR_EL0 can be read", read_register<3, 3, 0, 0, 1>},
    {"DCZID_EL0 can be read", read_register<3, 3, 0, 0, 7>},
    {"CNTFRQ_EL0 can be read", read_register<3, 3, 14, 0, 0>},
    {"CNTPCT_EL0 can be read", read_register<3, 3, 14, 0, 1>},
    {"CNTVCT_EL0 can be read", read_register<3, 3, 14, 0, 2>},
};

constexpr NamedRead absent[] = {
    {"PMCR_EL0 is undefined", read_register<3, 3, 9, 12, 0>},
    {"PMCCNTR_EL0 is undefined", read_register<3, 3, 9, 13, 0>},
    {"PMUSERENR_EL0 is undefined", read_register<3, 3, 9, 14, 0>},
    {"PMCCFILTR_EL0 is undefined", read_register<3, 3, 14, 15, 7>},
    {"PMINTENSET_EL1 is undefined", read_register<3, 0, 9, 14, 1>},
    {"PMSCR_EL1 is undefined", read_register<3, 0, 9, 9, 0>},
    {"HCR_EL2 is undefined", read_register<3, 4, 1, 1, 0>},
    {"VTTBR_EL2 is undefined", read_register<3, 4, 2, 1, 0>},
    {"CNTVOFF_EL2 is undefined", read_register<3, 4, 14, 0, 3>},
    {"ICH_HCR_EL2 is undefined", read_register<3, 4, 12, 11, 0>},
    {"SCR_EL3 is undefined", read_register<3, 6, 1, 1, 0>},
    {"CNTPS_CTL_EL1 is undefined", read_register<3, 7, 14, 2, 1>},
    {"ERRIDR_EL1 is undefined", read_register<3, 0, 5, 3, 0>},
    {"APIAKEYLO_EL1 is undefined", read_register<3, 0, 2, 1, 0>},
    {"ZCR_EL1 is undefined", read_register<3, 0, 1, 2, 0>},
    {"GCR_EL1 is undefined", read_register<3, 0, 1, 0, 6>},
    {"TRFCR_EL1 is undefined", read_register<3, 0, 1, 2, 1>},
    {"MPAM1_EL1 is undefined", read_register<3, 0, 10, 5, 0>},
    {"LORC_EL1 is undefined", read_register<3, 0, 10, 4, 3>},
    {"AMCR_EL0 is undefined", read_register<3, 3, 13, 2, 0>},
    {"SMCR_EL1 is undefined", read_register<3, 0, 1, 2, 6>},
    {"SVCR is undefined", read_register<3, 3, 4, 2, 2>},
    {"RGSR_EL1 is undefined", read_register<3, 0, 1, 0, 5>},
    {"TFSR_EL1 is undefined", read_register<3, 0, 5, 6, 0>},
    {"SCXTNUM_EL1 is undefined", read_register<3, 0, 13, 0, 7>},
    {"TRBLIMITR_EL1 is undefined", read_register<3, 0, 9, 11, 0>},
    {"TCR2_EL1 is undefined", read_register<3, 0, 2, 0, 3>},
    {"PIR_EL1 is undefined", read_register<3, 0, 10, 2, 3>},
    {"GCSCR_EL1 is undefined", read_register<3, 0, 2, 5, 0>},
    {"an unallocated register is undefined", read_register<3, 3, 7, 7, 7>},
};

void check_reads_zero(std::string_view name, const RegisterRead& read) {
    check(name, !read.fault && read.value == 0, "{} {}", read.fault ? "exception, ESR" : "value",
          hex(read.fault ? read.fault->syndrome : read.value));
}

/// With EL1's own traps for SVE, FP and SME off: where a CPU has them, they come before those of EL2 [Arm ARM D24.2.32
/// CPACR_EL1]. Elsewhere their bits are RES0.
void check_absent() {
    constexpr u64 zen_fpen_smen = 3ull << 16 | 3ull << 20 | 3ull << 24;
    const u64 before = arch::CpacrEl1::read();
    arch::CpacrEl1::write(before | zen_fpen_smen);
    isb();
    for (const NamedRead& one : absent) {
        check_undefined(one.name, one.read().fault);
    }
    arch::CpacrEl1::write(before);
    isb();
}

} // namespace

void registers(std::string_view) {
    for (const NamedRead& one : present) {
        check_no_fault(one.name, one.read().fault);
    }
    check_absent();
    check_undefined("PMCR_EL0 cannot be written", write_register<3, 3, 9, 12, 0>(1));
    check_undefined("an identification register cannot be written", write_register<3, 0, 0, 4, 0>(0));
    check_no_fault("ACTLR_EL1 can be written", write_register<3, 0, 1, 0, 1>(~u64{0}));
    check_reads_zero("ACTLR_EL1 ignores writes", read_register<3, 0, 1, 0, 1>());
}

} // namespace trv::bare::checks

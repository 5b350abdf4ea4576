// SPDX-License-Identifier: Apache-2.0
// What the identification registers show, and hide [Arm ARM D24.2].

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/registers/register_probe.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/report.hpp"

#include <utility>

namespace trv::bare::checks {
namespace {

struct Field {
    std::string_view name;
    unsigned low;
};

void check_hidden(std::string_view register_name, u64 value, std::span<const Field> fields) {
    for (const Field& hidden : fields) {
        std::array<char, 64> name;
        const std::string_view text = format_to(name, "{} hides {}", register_name, hidden.name);
        check_equal(text, value >> hidden.low & 0xf, 0);
    }
}

void check_pfr() {
    constexpr Field hidden0[] = {{"EL2", 8},   {"EL3", 12},  {"RAS", 28}, {"SVE", 32},
                                 {"SEL2", 36}, {"MPAM", 40}, {"AMU", 44}, {"RME", 52}};
    const u64 pfr0 = read_register<3, 0, 0, 4, 0>().value;
    check_hidden("ID_AA64PFR0", pfr0, hidden0);
    check_equal("ID_AA64PFR0 has EL1 in AArch64 only", pfr0 >> 4 & 0xf, 1);
    check_equal("ID_AA64PFR0 has the GIC's system registers where a GICv3 is", pfr0 >> 24 & 0xf, gic::is_v2() ? 0 : 1);
    constexpr Field hidden1[] = {{"MTE", 8}, {"RAS_frac", 12}, {"MPAM_frac", 16}, {"SME", 24}, {"NMI", 36}};
    check_hidden("ID_AA64PFR1", read_register<3, 0, 0, 4, 1>().value, hidden1);
}

void check_features() {
    constexpr Field debug[] = {{"TraceVer", 4}, {"PMUVer", 8}, {"PMSVer", 32}, {"TraceFilt", 40}};
    check_hidden("ID_AA64DFR0", read_register<3, 0, 0, 5, 0>().value, debug);
    constexpr Field instructions[] = {{"APA", 4}, {"API", 8}, {"GPA", 24}, {"GPI", 28}};
    check_hidden("ID_AA64ISAR1", read_register<3, 0, 0, 6, 1>().value, instructions);
    constexpr Field memory[] = {{"VMIDBits", 4}, {"VH", 8}, {"LO", 16}};
    check_hidden("ID_AA64MMFR1", read_register<3, 0, 0, 7, 1>().value, memory);
    constexpr Field nested[] = {{"NV", 24}, {"FWB", 40}};
    check_hidden("ID_AA64MMFR2", read_register<3, 0, 0, 7, 2>().value, nested);
    check_equal("ID_AA64ZFR0 is zero", read_register<3, 0, 0, 4, 4>().value, 0);
    check_equal("ID_AA64SMFR0 is zero", read_register<3, 0, 0, 4, 5>().value, 0);
}

template <unsigned index>
bool readable() {
    return !read_register<3, 0, 0, 1 + index / 8, index % 8>().fault;
}

/// Reserved ones read as zero, so that older kernels run on newer machines [Arm ARM D24.2.67 and on].
template <unsigned... indices>
void check_all_readable(std::integer_sequence<unsigned, indices...>) {
    constexpr bool (*reads[])() = {readable<indices>...};
    unsigned refused = 0;
    for (const auto read : reads) {
        refused += read() ? 0 : 1;
    }
    check_equal("all 56 identification registers can be read", refused, 0);
}

} // namespace

void identification(std::string_view) {
    check_pfr();
    check_features();
    check_all_readable(std::make_integer_sequence<unsigned, 56>{});
    check_equal("MPIDR_EL1 of the boot vCPU has affinity 0", arch::MpidrEl1::read() & arch::mpidr_affinity, 0);
    check("MIDR_EL1 names a CPU", arch::MidrEl1::read() != 0, "zero");
}

} // namespace trv::bare::checks

// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/cpu_facts.hpp"

#include "arch/registers/registers.hpp"

namespace trv::arch {
namespace {

/// ID_AA64MMFR0_EL1.TGran4 and, for stage 2, TGran4_2, which refers to the former when it is 0 [Arm ARM D24.2.84].
bool has_4k_granule(u64 mmfr0) {
    const bool stage1 = field(mmfr0, 31, 28) != 0xf;
    const u64 stage2 = field(mmfr0, 43, 40);
    return stage1 && stage2 != 1;
}

} // namespace

std::string_view name_of(Lack lack) {
    switch (lack) {
    case Lack::Nothing:
        return "nothing";
    case Lack::PhysicalAddresses:
        return "physical addresses as long as the boot CPU's";
    case Lack::Vmids:
        return "16-bit VMIDs";
    case Lack::Granule:
        return "4 KiB pages in both stages";
    }
    return "unknown";
}

Lack find_lack(const CpuFacts& facts, const TranslationLimits& assumed) {
    const TranslationLimits own = TranslationLimits::from_registers(facts.mmfr0, facts.mmfr1);
    if (own.pa_bits < assumed.pa_bits) {
        return Lack::PhysicalAddresses;
    }
    if (own.vmid_bits < assumed.vmid_bits) {
        return Lack::Vmids;
    }
    return has_4k_granule(facts.mmfr0) ? Lack::Nothing : Lack::Granule;
}

} // namespace trv::arch

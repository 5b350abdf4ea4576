// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one physical CPU says about itself, and firmware about it. CPUs of one machine may differ: each is asked by
// itself.

#include "arch/memory/page_table_format.hpp"
#include "lib/types.hpp"

#include <string_view>

namespace trv::arch {

struct CpuFacts {
    u64 midr = 0;
    u64 pfr0 = 0; ///< ID_AA64PFR0_EL1, and so on
    u64 mmfr0 = 0;
    u64 mmfr1 = 0;
    u64 isar2 = 0;
    /// What firmware answers to SMCCC_ARCH_FEATURES about SMCCC_ARCH_WORKAROUND_1 to _3: 0 where this CPU needs the
    /// call, 1 where it does not, negative where firmware does not have it (-2 of WORKAROUND_2: no CPU of the machine
    /// needs it) [SMCCC 7.5, 7.6, 7.7].
    i32 workaround1 = -1;
    i32 workaround2 = -1;
    i32 workaround3 = -1;
};

/// Asks the calling CPU and, about it, firmware.
[[nodiscard]] CpuFacts read_cpu_facts();

/// What a CPU must have because the boot CPU does: all tables are made for it.
enum class Lack : u8 { Nothing, PhysicalAddresses, Vmids, Granule };
[[nodiscard]] std::string_view name_of(Lack lack);

/// Compares a CPU with what the machine's tables assume. Portable.
[[nodiscard]] Lack find_lack(const CpuFacts& facts, const TranslationLimits& assumed);

} // namespace trv::arch

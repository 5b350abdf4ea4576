// SPDX-License-Identifier: Apache-2.0
#pragma once
// Errata of CPUs that concern a hypervisor. Portable. The two of Cortex-A53's that any code can run into (835769,
// 843419) are worked around by compiler and linker, see hypervisor/CMakeLists.txt.

#include "lib/types.hpp"

#include <span>
#include <string_view>

namespace trv::arch {

/// Whether a TLBI and the DSB behind it have to be done twice on this CPU: the first time may leave a translation, or
/// an access that uses it, behind.
[[nodiscard]] bool repeats_tlbi(u64 midr);

/// What a guest can do to the machine because of an erratum that no hypervisor can work around.
struct GuestHazard {
    std::string_view cpus; ///< model and revisions
    u32 number;
    std::string_view effect;
};

/// @return  those of the CPU; only one can have several
[[nodiscard]] std::span<const GuestHazard> guest_hazards(u64 midr);

} // namespace trv::arch

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The policy for trusted applications: those that a VM may open, and those that OP-TEE may load from it.

#include "tee/optee/config.hpp"

namespace trv::tee::optee {

/// Debug code of OP-TEE's that xtest needs [core/pta/tests/invoke.c].
inline constexpr Uuid invoke_tests_pta = Uuid::from_fields(0xd96a'5b40, 0xc3e5, 0x21e3, 0x8794'1002'a5d5'c61b);
/// Reports the heap that all VMs share, and can reset its statistics [core/pta/stats.c].
inline constexpr Uuid stats_pta = Uuid::from_fields(0xd96a'5b40, 0xe2c7, 0xb1af, 0x8794'1002'a5d5'c61b);

[[nodiscard]] Verdict judge(const PolicyConfig& policy, const Uuid& application);

} // namespace trv::tee::optee

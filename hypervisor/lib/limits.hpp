// SPDX-License-Identifier: Apache-2.0
#pragma once
// Limits that the build chooses.

#include "contract/limits.hpp"
#include "generated/option/max_cpus.hpp"

namespace trv {

inline constexpr unsigned max_cpus = option::max_cpus; ///< physical CPUs
static_assert(max_cpus <= contract::max_cpus);

} // namespace trv

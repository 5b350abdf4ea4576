// SPDX-License-Identifier: Apache-2.0
#pragma once
// Limits that the build chooses.

#include "generated/option/max_cpus.hpp"

namespace trv {

inline constexpr unsigned max_cpus = option::max_cpus; ///< physical CPUs

} // namespace trv

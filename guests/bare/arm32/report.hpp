// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verdicts in the lines of guests/bare/lib/report.hpp.

#include "lib/types.hpp"

#include <string_view>

namespace trv::bare::arm32 {

/// PASS, or FAIL with a number that was found instead.
void check(std::string_view name, bool good, u64 found = 0);

/// Prints how many checks passed and failed, and switches the VM off.
[[noreturn]] void end();

} // namespace trv::bare::arm32

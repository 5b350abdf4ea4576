// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::tool::dev::testing {

/// From now on, a process whose parent dies becomes our child, so that a test can see what a command left behind.
void adopt_leftover_processes();

/// Ends every child that is still there, and returns how many there were. Those that are just about to die by
/// themselves (because their parent did) do not count.
[[nodiscard]] unsigned end_leftover_processes();

} // namespace trv::tool::dev::testing

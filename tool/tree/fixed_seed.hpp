// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::tree {

/// Bytes that a kernel wants from its boot loader before its random numbers are ready. [dt-schema, schemas/chosen.yaml]
inline constexpr std::string_view fixed_seed = "repeatable runs have this seed!!";
static_assert(fixed_seed.size() == 32, "256 bits, as QEMU's own seed has");

/// Gives a machine that is to repeat itself a random seed that is always the same. Without one, a kernel's random
/// numbers never get ready in a machine without devices, and each of its system calls pays for asking again.
/// @param hardware  the tree that describes the machine, which has no seed
[[nodiscard]] Result<std::string> add_fixed_seed(std::string_view hardware);

} // namespace trv::tool::tree

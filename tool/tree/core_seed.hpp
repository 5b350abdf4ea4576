// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::tree {

/// Removes the seed from which OP-TEE's core chooses its virtual address: without it the core runs where it is linked,
/// so that a debugger can use its symbols. [core/arch/arm/kernel/boot.c, get_aslr_seed()]
/// @param hardware  the tree that describes the machine
[[nodiscard]] Result<std::string> remove_core_seed(std::string_view hardware);

} // namespace trv::tool::tree

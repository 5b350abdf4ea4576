// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::guest {

[[nodiscard]] bool is_elf(std::string_view bytes);

/// Makes an arm64 Image of a bare-metal program: the hypervisor starts nothing else. A few instructions in it copy the
/// program's segments to their load addresses, clear what follows them, and enter it with the address of the device tree
/// in x0. If the program leaves the first 64 KiB of the VM's memory free, the tree is copied there, too, which is where
/// many programs look for it.
/// @param name  the file's name in messages
/// @param hint  for one that is cut off
/// Source: [ELF gABI 4, program header], [Linux, Documentation/arch/arm64/booting.rst 4]
[[nodiscard]] Result<std::string> image_of_elf(std::string_view elf, const std::string& name, std::string_view hint);

} // namespace trv::tool::guest

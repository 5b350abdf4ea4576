// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/tree/module_layout.hpp"

#include <string>
#include <string_view>

namespace trv::tool::tree {

/// Where Linux finds its ram disk when it is itself what the firmware enters: far behind the kernel.
inline constexpr std::uint64_t bare_ramdisk_distance = 256 * 1024 * 1024;

/// The device tree of a machine that the firmware boots Linux on, with a ram disk.
/// @param hardware  the tree that describes the machine
[[nodiscard]] Result<std::string> bare_tree(std::string_view hardware, const Module& ramdisk,
                                            const std::string& bootargs);

} // namespace trv::tool::tree

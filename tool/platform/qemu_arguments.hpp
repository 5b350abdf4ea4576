// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/platform/platform.hpp"

namespace trv::tool::platform {

inline constexpr std::uint64_t mib = 1024 * 1024;

/// A path within an option's value: QEMU splits values at commas; a doubled comma is part of the value.
[[nodiscard]] std::string escaped(const std::filesystem::path& path);

/// The value of -device that places a file in memory.
[[nodiscard]] std::string loader(const std::filesystem::path& file, std::uint64_t address);

/// The arguments for disks and network of a board with PCIe and, for disks of that bus, virtio-mmio.
[[nodiscard]] std::vector<std::string> peripheral_arguments(const Peripherals& peripherals);

/// The beginning of each command line: QEMU, the board and its size.
[[nodiscard]] std::vector<std::string> hardware_arguments(const Platform& platform, const Shape& shape);

/// The command line with which QEMU writes the machine's tree to a file and ends, for boards whose tree it makes.
[[nodiscard]] std::vector<std::string> dump_command_line(const Platform& platform, const Shape& shape,
                                                         const std::filesystem::path& output);

} // namespace trv::tool::platform

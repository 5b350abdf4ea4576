// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/support/error.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::machine {

/// The kernels that the tests need; `setup` fetches them by default.
inline constexpr std::array default_kernels = {"debian:trixie/cloud", "debian:trixie", "debian:bookworm"};

/// Every Debian kernel a machine description may name, for messages.
[[nodiscard]] std::vector<std::string> known_kernels();

/// The package of a kernel named "debian:SUITE" or "debian:SUITE/FLAVOUR"; nothing for any other text, such as a path.
[[nodiscard]] std::optional<packages::PackageId> kernel_package(std::string_view kernel);

/// Whether it is a kernel for 32-bit Arm: a known one, or a file that begins like a zImage.
[[nodiscard]] bool is_32_bit(const std::string& kernel);

/// Rejects an unknown name with the prefix "debian:".
[[nodiscard]] Result<void> check_kernel_name(const std::string& kernel);

} // namespace trv::tool::machine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::firmware {

/// TF-A's source packages, the preferred one first.
[[nodiscard]] std::vector<packages::PackageId> tf_a_packages();

/// The one in the store: its unpacked source, and its version ("" if there is none).
[[nodiscard]] Result<std::filesystem::path> tf_a_source(const packages::PackageStore& store);
[[nodiscard]] std::string tf_a_version(const packages::PackageStore& store);

/// The cross compiler of all firmware: how its programs' names begin, and its version.
inline constexpr const char* cross_compile = "aarch64-linux-gnu-";
[[nodiscard]] Result<std::string> compiler_version();

/// Names and values of environment variables.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// Builds TF-A for AArch64.
/// @param output     the folder for all that it writes
/// @param arguments  of make: the board's settings, and what to make
[[nodiscard]] Result<void> make_tf_a(const std::filesystem::path& source, const std::filesystem::path& output,
                                     const std::filesystem::path& log, std::vector<std::string> arguments,
                                     Variables variables = {});

} // namespace trv::tool::firmware

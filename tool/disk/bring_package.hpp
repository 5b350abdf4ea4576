// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::disk {

/// Puts a package in Debian's format on a disk that the tool has made, unless its system has installed that version. The
/// system installs it when it boots: as dpkg does it, with its scripts. Nothing may be using the image.
[[nodiscard]] Result<void> bring_package(Context& context, const std::filesystem::path& image,
                                         const std::filesystem::path& package);

/// The version of a package in the text of /var/lib/dpkg/status, if it is installed.
[[nodiscard]] std::optional<std::string> installed_version(std::string_view status, std::string_view package);

} // namespace trv::tool::disk

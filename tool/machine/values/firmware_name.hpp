// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"

#include <filesystem>
#include <span>
#include <string_view>

namespace trv::tool::machine {

/// Firmware of Debian's that a machine description may name by a word.
struct KnownFirmware {
    std::string_view word;
    std::string_view package;
    std::string_view file; // in the package, relative to the root

    [[nodiscard]] packages::PackageId package_id() const { return {.suite = "trixie", .name = std::string{package}}; }
};

[[nodiscard]] std::span<const KnownFirmware> known_firmware();

/// The one of that word; null for any other text, such as a path.
[[nodiscard]] const KnownFirmware* find_firmware(std::string_view word);

} // namespace trv::tool::machine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string_view>

namespace trv::tool::disk {

/// An archive (GNU tar, zstd) with one file, disk.img: Debian trixie as its packages leave it, installed once, never
/// booted.
[[nodiscard]] std::filesystem::path debian_image(const Paths& paths);

/// Makes that image if there is none, or its inputs have changed. It needs no privileges: the packages are unpacked on
/// this machine, and installed in an emulated one, whose kernel runs their scripts.
[[nodiscard]] Result<void> require_debian_image(Context& context);

/// How many packages dpkg says that it has set up.
[[nodiscard]] std::size_t count_installed(std::string_view log);

} // namespace trv::tool::disk

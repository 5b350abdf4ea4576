// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::guest {

/// Decompresses a stream (gzip, xz or zstd), whose format is detected.
/// @param name   its name in messages
/// @param hint   what the reader of a message can do about a damaged one
[[nodiscard]] Result<std::string> decompress(std::string_view compressed, const std::string& name,
                                             std::string_view hint);

/// For what came out of a Debian package.
inline constexpr std::string_view damaged_package_hint = "Remove build/cache/packages and run ./trivisor setup again.";

} // namespace trv::tool::guest

#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::guest {

/// The content of a compressed stream (gzip, xz, zstd, …), which says itself what it is.
/// @param name   what a message calls it
/// @param hint   what the reader of a message can do about a damaged one
[[nodiscard]] Result<std::string> decompress(std::string_view compressed, const std::string& name,
                                             std::string_view hint);

/// For what came out of a Debian package.
inline constexpr std::string_view damaged_package_hint = "Remove build/cache/packages and run ./trivisor setup again.";

} // namespace trv::tool::guest

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::guest {

/// Whether the bytes start like a stream that decompress() understands.
[[nodiscard]] bool is_compressed(std::string_view bytes);

/// Decompresses a stream (bzip2, gzip, LZ4, LZMA, xz or zstd), whose format is detected, to at most 1 GiB.
/// @param name   its name in messages
/// @param hint   what the reader of a message can do about a damaged one
[[nodiscard]] Result<std::string> decompress(std::string_view compressed, const std::string& name,
                                             std::string_view hint);

/// For what came out of a Debian package.
inline constexpr std::string_view damaged_package_hint = "Remove build/cache/packages and run ./trivisor setup again.";

} // namespace trv::tool::guest

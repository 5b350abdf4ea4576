#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::guest {

/// The content of a compressed stream (gzip, xz, zstd, …), which says itself what it is.
/// @param name   what a message calls it
[[nodiscard]] Result<std::string> decompress(std::string_view compressed, const std::string& name);

} // namespace trv::tool::guest

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::guest {

/// Whether the bytes start with the header of an arm64 Image, which boot loaders (and Trivisor) can start.
/// Source: [Documentation/arch/arm64/booting.rst]
[[nodiscard]] bool is_raw_image(std::string_view bytes);

/// The raw Image in a kernel file: the file itself, or the content of a gzip stream or an EFI zboot wrapper.
/// @param name   the file's name in messages
[[nodiscard]] Result<std::string> raw_image(std::string bytes, const std::string& name, std::string_view hint);

} // namespace trv::tool::guest

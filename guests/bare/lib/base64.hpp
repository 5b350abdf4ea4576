// SPDX-License-Identifier: Apache-2.0
#pragma once
// Base64 [RFC 4648, 4].

#include <optional>
#include <span>
#include <string_view>

namespace trv::bare {

/// @return the decoded part of `out`; nothing if `text` is not Base64 or does not fit
[[nodiscard]] std::optional<std::string_view> decode_base64(std::string_view text, std::span<char> out);

} // namespace trv::bare

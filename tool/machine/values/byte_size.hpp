// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::machine {

/// Reads "512MiB", "2GiB" or "64KiB"; nothing if the text is not a size, or exceeds 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// Writes a size in the largest unit that divides it.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

} // namespace trv::tool::machine

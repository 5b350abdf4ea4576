// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::machine {

/// Names a trusted application: 16 bytes in the order of its text.
using Uuid = std::array<std::uint8_t, 16>;

/// Reads "8aaaf200-2450-11e4-abe2-0002a5d5c51b", in either case; nothing when the text is anything else.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

/// The text of a UUID, in lower case.
[[nodiscard]] std::string to_text(const Uuid& uuid);

} // namespace trv::tool::machine

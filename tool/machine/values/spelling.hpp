// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace trv::tool::machine {

/// The known word that is most similar to `word`; nothing if none is close.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

} // namespace trv::tool::machine

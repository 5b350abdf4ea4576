// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/channel.hpp"

#include <string>
#include <string_view>

namespace trv::tool::console {

/// The bytes that carry `text` on `channel` in the one byte stream that goes to the machine. Each piece names its
/// channel, so that a piece that is lost (while the machine boots, say) does not misdirect the next.
[[nodiscard]] std::string encode_frame(Channel channel, std::string_view text);

} // namespace trv::tool::console

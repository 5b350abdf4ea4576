// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace trv::tool::console {

/// The line without escape sequences and control characters except the tab, which could move the cursor or change the
/// terminal. A guest whose lines are only streamed must not control the user's terminal.
[[nodiscard]] std::string printable(std::string_view line);

} // namespace trv::tool::console

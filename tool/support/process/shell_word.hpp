// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace trv::tool {

/// Quotes a word for a POSIX shell: in single quotes, where only the single quote itself is special.
[[nodiscard]] std::string shell_word(std::string_view word);

} // namespace trv::tool

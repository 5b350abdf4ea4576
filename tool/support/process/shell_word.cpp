// SPDX-License-Identifier: Apache-2.0
#include "tool/support/process/shell_word.hpp"

namespace trv::tool {

std::string shell_word(std::string_view word) {
    std::string text = "'";
    for (const char letter : word) {
        text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return text + "'";
}

} // namespace trv::tool

#pragma once

#include <string>
#include <string_view>

namespace trv::tool {

/// A word as a POSIX shell takes it back: in single quotes, in which only the single quote itself is special.
[[nodiscard]] std::string shell_word(std::string_view word);

} // namespace trv::tool

#pragma once

#include <string>
#include <string_view>

namespace trv::tool::console {

/// The line without anything that moves the cursor or changes the terminal: escape sequences and control characters but
/// the tab. A guest is not trusted with the user's terminal as long as its lines are merely streamed.
[[nodiscard]] std::string printable(std::string_view line);

} // namespace trv::tool::console

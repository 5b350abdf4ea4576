// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::console {

/// Collects bytes into lines. A carriage return before the line feed is not part of the line.
class LineSplitter {
  public:
    /// A guest that never ends its line must not exhaust the host's memory: at this length the line is cut.
    static constexpr std::size_t longest_line = 64 * 1024;

    void feed(std::string_view bytes) { pending_ += bytes; }

    /// The next complete line, without its end.
    [[nodiscard]] std::optional<std::string> next();

    /// Removes and returns the rest without a line end, if any.
    [[nodiscard]] std::optional<std::string> rest();

  private:
    std::string pending_;
};

} // namespace trv::tool::console

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/format.hpp"

#include <array>
#include <string_view>

namespace trv::machine {

/// Lines about problems in a tree. Lines that do not fit are counted, not kept.
class Problems {
  public:
    template <typename... Arguments>
    void add(std::string_view pattern, const Arguments&... arguments) {
        std::array<char, 160> line;
        add_line(format_to(line, pattern, arguments...));
    }

    [[nodiscard]] bool empty() const { return used_ == 0 && dropped_ == 0; }
    [[nodiscard]] unsigned dropped() const { return dropped_; }

    /// Calls `visit(std::string_view line)` for each line.
    template <typename Visitor>
    void for_each(Visitor visit) const {
        std::string_view rest(text_.data(), used_);
        while (!rest.empty()) {
            const std::size_t end = rest.find('\n');
            visit(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
    }

  private:
    void add_line(std::string_view line);

    std::array<char, 2048> text_{};
    std::size_t used_ = 0;
    unsigned dropped_ = 0;
};

} // namespace trv::machine

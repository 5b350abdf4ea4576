// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace trv::tool {

/// A table with left-aligned columns, as wide as their longest cell.
class TextTable {
  public:
    explicit TextTable(std::vector<std::string> head) : rows_{std::move(head)} {}

    /// @param cells  as many as the header has
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    [[nodiscard]] std::string text() const;

  private:
    std::vector<std::vector<std::string>> rows_; // the head is the first
};

} // namespace trv::tool

// SPDX-License-Identifier: Apache-2.0
#include "tool/support/text_table.hpp"

#include <algorithm>

namespace trv::tool {

namespace {

constexpr std::size_t gap = 2;

} // namespace

std::string TextTable::text() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
        for (std::size_t column = 0; column < widths.size(); ++column) {
            widths[column] = std::max(widths[column], row.at(column).size());
        }
    }
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t column = 0; column < widths.size(); ++column) {
            line += row.at(column);
            line.append(widths[column] - row.at(column).size() + gap, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

} // namespace trv::tool

// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/spelling.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace trv::tool::machine {

namespace {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string
/// alignment).
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::vector<std::size_t>> cost(from.size() + 1, std::vector<std::size_t>(to.size() + 1));
    for (std::size_t i = 0; i <= from.size(); ++i) {
        for (std::size_t j = 0; j <= to.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const std::size_t replaced = cost[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost.back().back();
}

} // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known) {
    std::optional<std::string_view> best;
    // Up to a third of the letters may be wrong: enough for typing errors, too little to suggest an unrelated word.
    std::size_t limit = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        if (const std::size_t apart = distance(word, candidate); apart < limit) {
            limit = apart;
            best = candidate;
        }
    }
    return best;
}

} // namespace trv::tool::machine

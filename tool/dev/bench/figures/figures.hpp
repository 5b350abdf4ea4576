// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::dev::bench {

/// One figure that a guest has measured; docs/internals/bare-metal-guests.md names those of the guest `micro`.
struct Figure {
    std::string name{};
    double ns = 0; // mean in nanoseconds, which are instructions with the instruction clock, unless `unit` differs
    std::string unit = "ns";
};

/// A figure for files: a tenth of a nanosecond is finer than any clock here.
[[nodiscard]] double rounded(double value);

/// Reads a line `figure {…}`; nothing when it is another one, or does not hold what it should.
[[nodiscard]] std::optional<Figure> parse_figure(std::string_view line);

/// All figures of a VM's log, in their order.
[[nodiscard]] std::vector<Figure> parse_figures(std::string_view log);

} // namespace trv::tool::dev::bench

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::bench {

/// One figure of the bare-metal guest `micro`; docs/internals/bare-metal-guests.md names them.
struct Figure {
    std::string name{};
    double instructions = 0; // mean; the guest measures nanoseconds, and the instruction clock makes one of each
};

/// What a figure may cost at most, for those of which that is promised.
[[nodiscard]] std::optional<double> promised_limit(std::string_view name);

[[nodiscard]] bool keeps_promise(const Figure& figure);

/// Reads a line `figure {…}`; nothing when it is another one, or does not hold what it should.
[[nodiscard]] std::optional<Figure> parse_figure(std::string_view line);

/// All figures of a VM's log, in their order.
[[nodiscard]] std::vector<Figure> parse_figures(std::string_view log);

/// The promised figures that `figures` lacks.
[[nodiscard]] std::vector<std::string> missing_promises(const std::vector<Figure>& figures);

} // namespace trv::tool::bench

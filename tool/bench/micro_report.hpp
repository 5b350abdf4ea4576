#pragma once

#include "tool/bench/figures.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace trv::tool::bench {

/// Name, instructions, limit: a row a figure.
[[nodiscard]] std::string micro_table(const std::vector<Figure>& figures);

/// The text of the results file.
/// @param versions  of everything that was measured, as `run --json` tells them
[[nodiscard]] std::string micro_json(const std::vector<Figure>& figures, const nlohmann::ordered_json& versions);

/// Every promised figure is there and within its limit.
[[nodiscard]] bool all_promises_kept(const std::vector<Figure>& figures);

} // namespace trv::tool::bench

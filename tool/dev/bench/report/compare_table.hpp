// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/report/sample.hpp"

#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// A Markdown table: a row a figure, a column a peer, and the ratios of Trivisor to the others.
[[nodiscard]] std::string compare_table(const std::vector<Row>& rows, const std::vector<Peer>& peers);

} // namespace trv::tool::dev::bench

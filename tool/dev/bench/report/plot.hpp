// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/report/sample.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// What gnuplot plots: a line a row, with what each of `peers` takes relative to bare metal; rows that bare metal
/// lacks, or that are no times, are left out.
[[nodiscard]] std::string plot_data(const std::vector<Row>& rows, const std::vector<Peer>& peers);

/// Draws a suite's rows as bars relative to bare metal. Draws nothing when there is nothing to compare.
/// @param folder  where FILE_STEM.svg goes
[[nodiscard]] Result<void> draw_plot(const std::filesystem::path& folder, const std::string& file_stem,
                                     const std::string& title, const std::vector<Row>& rows,
                                     const std::vector<Peer>& peers);

} // namespace trv::tool::dev::bench

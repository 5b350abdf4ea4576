// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/report/sample.hpp"
#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// A Markdown table: a row a figure, a column a peer, and the ratios of Trivisor to the others.
[[nodiscard]] std::string compare_table(const std::vector<Row>& rows, const std::vector<Peer>& peers);

/// Everything one needs to trace a figure back, and to measure it again.
struct Provenance {
    std::string suite;
    std::map<std::string, std::string> versions{}; // of what was measured, and of what measured it
    std::string host{};                            // processor and kernel of the machine that emulated
    std::string kernel{};                          // of the guest, as a machine description names it
    std::string ramdisk_sha256{};                  // of its initramfs
    std::uint64_t guest_memory = 0;                // bytes
    std::vector<std::pair<std::string, std::vector<std::string>>> command_lines{}; // QEMU's, by clock and measurement
};

/// What a suite has in `results.json`.
[[nodiscard]] std::string compare_json(const Provenance& provenance, const std::vector<Sample>& samples,
                                       const std::vector<Clock>& clocks);

/// What gnuplot plots: a line a row, with what each of `peers` takes relative to bare metal; rows that bare metal
/// lacks, or that are no times, are left out.
[[nodiscard]] std::string plot_data(const std::vector<Row>& rows, const std::vector<Peer>& peers);

/// Draws a suite's rows as bars relative to bare metal. Draws nothing when there is nothing to compare.
/// @param folder  where FILE_STEM.svg goes
[[nodiscard]] Result<void> draw_plot(const std::filesystem::path& folder, const std::string& file_stem,
                                     const std::string& title, const std::vector<Row>& rows,
                                     const std::vector<Peer>& peers);

} // namespace trv::tool::dev::bench

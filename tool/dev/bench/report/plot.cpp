// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/compare_report.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

namespace trv::tool::dev::bench {

namespace {

/// {0}: the file; {1}: the title; {2}: what to plot.
constexpr const char* script = R"(set terminal svg size 960,440 font "sans-serif,12" background "white"
set output "{0}"
set title "{1}"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.8 border -1
set ylabel "time relative to bare metal"
set yrange [0:*]
set grid ytics
set xtics rotate by -30
set key top right outside
plot {2}, 1 with lines linewidth 2 linecolor "black" title "bare"
)";

std::vector<Peer> compared(const std::vector<Peer>& peers) {
    std::vector<Peer> others;
    for (const Peer peer : peers) {
        if (peer != Peer::Bare) {
            others.push_back(peer);
        }
    }
    return others;
}

} // namespace

std::string plot_data(const std::vector<Row>& rows, const std::vector<Peer>& peers) {
    std::string data;
    for (const Row& row : rows) {
        if (row.unit != "ns" || !row.spreads.contains(Peer::Bare)) {
            continue;
        }
        data += row.name;
        for (const Peer peer : compared(peers)) {
            const auto ratio = row.ratio(peer, Peer::Bare);
            data += ratio ? fmt::format(" {:.4f}", *ratio) : " NaN";
        }
        data += "\n";
    }
    return data;
}

Result<void> draw_plot(const std::filesystem::path& folder, const std::string& file_stem, const std::string& title,
                       const std::vector<Row>& rows, const std::vector<Peer>& peers) {
    const auto data = plot_data(rows, peers);
    const auto others = compared(peers);
    if (data.empty() || others.empty()) {
        return {};
    }
    const TemporaryFolder scratch = TRY(TemporaryFolder::create(folder, "plot"));
    const auto data_file = scratch.path() / "data";
    TRY(write_file(data_file, data));
    std::string columns;
    for (std::size_t index = 0; index < others.size(); ++index) {
        columns += fmt::format("{}\"{}\" using {}{} title \"{}\"", columns.empty() ? "" : ", ", data_file.string(),
                               index + 2, index == 0 ? ":xtic(1)" : "", name(others[index]));
    }
    const auto drawn = scratch.path() / "plot.svg";
    const auto script_file = scratch.path() / "script";
    TRY(write_file(script_file, fmt::format(fmt::runtime(script), drawn.string(), title, columns)));
    TRY(run_checked("bench: plot", {.arguments = {"gnuplot", script_file}, .log = scratch.path() / "log"}));
    return write_file(folder / (file_stem + ".svg"), TRY(read_file(drawn)));
}

} // namespace trv::tool::dev::bench

// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/compare_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace trv::tool::dev::bench {

namespace {

using nlohmann::ordered_json;

ordered_json row_json(const Row& row) {
    ordered_json object{{"name", row.name}};
    if (row.unit != "ns") {
        object["unit"] = row.unit;
    }
    for (const auto& [peer, spread] : row.spreads) {
        ordered_json one{{"median", rounded(spread.median)}, {"runs", spread.runs}};
        if (spread.lowest != spread.highest) {
            one["lowest"] = rounded(spread.lowest);
            one["highest"] = rounded(spread.highest);
        }
        object[std::string{name(peer)}] = std::move(one);
    }
    for (const auto& [peer, result] : row.refused) {
        object[std::string{name(peer)}] = ordered_json{{"fails", result}};
    }
    return object;
}

} // namespace

std::string compare_json(const Provenance& provenance, const std::vector<Sample>& samples,
                         const std::vector<Clock>& clocks) {
    ordered_json figures = ordered_json::object();
    for (const Clock clock : clocks) {
        auto list = ordered_json::array();
        for (const Row& row : rows_of(samples, clock)) {
            list.push_back(row_json(row));
        }
        figures[std::string{name(clock)}] = std::move(list);
    }
    ordered_json lines = ordered_json::object();
    for (const auto& [what, line] : provenance.command_lines) {
        lines[what] = fmt::format("{}", fmt::join(line, " "));
    }
    const ordered_json result{{"suite", provenance.suite},
                              {"figures", std::move(figures)},
                              {"guest",
                               {{"kernel", provenance.kernel},
                                {"initramfs_sha256", provenance.ramdisk_sha256},
                                {"memory_bytes", provenance.guest_memory}}},
                              {"host", provenance.host},
                              {"versions", provenance.versions},
                              {"command_lines", std::move(lines)}};
    return result.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

} // namespace trv::tool::dev::bench

// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/figures/readers.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>

namespace trv::tool::dev::bench {

namespace {

// ESR_EL1 of SVC #0x7101 and #0x7102 from AArch64: the class 0x15, a 32-bit instruction, the number [Arm ARM D17.2.37].
constexpr std::string_view begin_mark = "/0x56007101";
constexpr std::string_view end_mark = "/0x56007102";
constexpr std::string_view exit_mark = " to EL2";

} // namespace

std::vector<std::uint64_t> count_exits(std::istream& log) {
    std::vector<std::uint64_t> counts;
    bool inside = false;
    for (std::string line; std::getline(log, line);) {
        if (line.ends_with(begin_mark)) {
            inside = true;
            counts.push_back(0);
        } else if (line.ends_with(end_mark)) {
            inside = false;
        } else if (inside && line.ends_with(exit_mark)) {
            ++counts.back();
        }
    }
    return counts;
}

Result<std::vector<Figure>> read_exit_figures(const ReadContext& context) {
    auto figures = TRY(read_figure_lines(context));
    const auto file = exception_log(context.run.logs);
    std::ifstream log(file);
    if (!log) {
        return figures; // only the instruction clock's runs have one
    }
    const auto counts = count_exits(log);
    if (counts.size() != figures.size()) {
        return failure(file.string(),
                       fmt::format("has {} pairs of marks for {} figures", counts.size(), figures.size()));
    }
    std::vector<Figure> all;
    for (std::size_t index = 0; index < figures.size(); ++index) {
        all.push_back(figures[index]);
        all.push_back({.name = figures[index].name + "-exits",
                       .ns = static_cast<double>(counts[index]) * 1e9 / figures[index].ns,
                       .unit = "/s"});
    }
    return all;
}

} // namespace trv::tool::dev::bench

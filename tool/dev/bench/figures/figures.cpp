// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/figures/figures.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <ranges>

namespace trv::tool::dev::bench {

namespace {

constexpr std::string_view figure_mark = "figure ";

} // namespace

double rounded(double value) {
    return std::round(value * 10) / 10;
}

std::optional<Figure> parse_figure(std::string_view line) {
    if (!line.starts_with(figure_mark)) {
        return std::nullopt;
    }
    const auto object = nlohmann::json::parse(line.substr(figure_mark.size()), nullptr, false);
    if (!object.is_object()) {
        return std::nullopt;
    }
    const auto name = object.find("name");
    const auto ns = object.find("ns");
    if (name == object.end() || !name->is_string() || ns == object.end() || !ns->is_number()) {
        return std::nullopt;
    }
    return Figure{.name = name->get<std::string>(), .ns = ns->get<double>(), .unit = "ns"};
}

std::vector<Figure> parse_figures(std::string_view log) {
    std::vector<Figure> figures;
    for (const auto line : std::views::split(log, '\n')) {
        std::string_view text{line.begin(), line.end()};
        if (text.ends_with('\r')) {
            text.remove_suffix(1);
        }
        if (auto figure = parse_figure(text)) {
            figures.push_back(*std::move(figure));
        }
    }
    return figures;
}

} // namespace trv::tool::dev::bench

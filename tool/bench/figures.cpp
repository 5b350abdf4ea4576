#include "tool/bench/figures.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>
#include <utility>

namespace trv::tool::bench {

namespace {

constexpr std::string_view figure_mark = "figure ";

constexpr std::array<std::pair<std::string_view, double>, 5> promises{{
    {"null-hypercall", 150},
    {"refused-smc", 200},
    {"vgic-read-constant", 600},
    {"vgic-read-state", 600},
    {"vgic-write", 600},
}};

} // namespace

double rounded(double value) {
    return std::round(value * 10) / 10;
}

std::optional<double> promised_limit(std::string_view name) {
    const auto* const found = std::ranges::find(promises, name, &std::pair<std::string_view, double>::first);
    return found == promises.end() ? std::nullopt : std::optional{found->second};
}

bool keeps_promise(const Figure& figure) {
    return figure.ns <= promised_limit(figure.name).value_or(figure.ns);
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

std::vector<std::string> missing_promises(const std::vector<Figure>& figures) {
    std::vector<std::string> missing;
    for (const auto& [name, limit] : promises) {
        if (std::ranges::find(figures, name, &Figure::name) == figures.end()) {
            missing.emplace_back(name);
        }
    }
    return missing;
}

} // namespace trv::tool::bench

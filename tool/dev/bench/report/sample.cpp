// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/sample.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace trv::tool::dev::bench {

namespace {

constexpr std::string_view refusal_mark = "refused ";

Row& row_named(std::vector<Row>& rows, const std::string& name) {
    const auto found = std::ranges::find(rows, name, &Row::name);
    return found == rows.end() ? rows.emplace_back(Row{.name = name}) : *found;
}

} // namespace

std::map<std::string, std::string> parse_refusals(const std::vector<std::string>& lines) {
    std::map<std::string, std::string> refusals;
    for (const std::string& line : lines) {
        if (!line.starts_with(refusal_mark)) {
            continue;
        }
        const auto object = nlohmann::json::parse(line.substr(refusal_mark.size()), nullptr, false);
        if (object.is_object() && object.contains("name") && object["name"].is_string()) {
            const auto result = object.find("result");
            refusals[object["name"].get<std::string>()] =
                result != object.end() && result->is_string() ? result->get<std::string>() : "refused";
        }
    }
    return refusals;
}

Spread spread_of(std::vector<double> values) {
    if (values.empty()) {
        return {};
    }
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return {.median = median, .lowest = values.front(), .highest = values.back(), .runs = values.size()};
}

std::optional<double> Row::ratio(Peer peer, Peer to) const {
    const auto one = spreads.find(peer);
    const auto other = spreads.find(to);
    if (one == spreads.end() || other == spreads.end() || other->second.median <= 0) {
        return std::nullopt;
    }
    return one->second.median / other->second.median;
}

std::vector<Row> rows_of(const std::vector<Sample>& samples, Clock clock) {
    std::vector<Row> rows;
    std::map<std::pair<std::string, Peer>, std::vector<double>> values;
    for (const Sample& sample : samples) {
        if (sample.clock != clock) {
            continue;
        }
        for (const Figure& figure : sample.figures) {
            row_named(rows, figure.name).unit = figure.unit;
            values[{figure.name, sample.peer}].push_back(figure.ns);
        }
        for (const auto& [name, result] : sample.refused) {
            row_named(rows, name).refused[sample.peer] = result;
        }
    }
    for (auto& [key, list] : values) {
        row_named(rows, key.first).spreads[key.second] = spread_of(std::move(list));
    }
    return rows;
}

} // namespace trv::tool::dev::bench

#include "tool/bench/micro_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace trv::tool::bench {

std::string micro_table(const std::vector<Figure>& figures) {
    std::size_t width = 4;
    for (const auto& figure : figures) {
        width = std::max(width, figure.name.size());
    }
    std::string table = fmt::format("{:<{}}  instructions  limit\n", "name", width);
    for (const auto& figure : figures) {
        const auto limit = promised_limit(figure.name);
        table += fmt::format("{:<{}}  {:>12.1f}", figure.name, width, figure.ns);
        table += limit ? fmt::format("  {:>5.0f}", *limit) : "";
        table += keeps_promise(figure) ? "\n" : "  exceeded\n";
    }
    for (const auto& name : missing_promises(figures)) {
        table += fmt::format("{:<{}}  {:>12}\n", name, width, "missing");
    }
    return table;
}

std::string micro_json(const std::vector<Figure>& figures, const nlohmann::ordered_json& versions) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& figure : figures) {
        nlohmann::ordered_json object{{"name", figure.name}, {"instructions", figure.ns}};
        if (const auto limit = promised_limit(figure.name)) {
            object["limit"] = *limit;
            object["kept"] = keeps_promise(figure);
        }
        list.push_back(std::move(object));
    }
    const nlohmann::ordered_json result{{"suite", "micro"},
                                        {"promises_kept", all_promises_kept(figures)},
                                        {"figures", std::move(list)},
                                        {"versions", versions}};
    return result.dump(2) + "\n";
}

bool all_promises_kept(const std::vector<Figure>& figures) {
    return missing_promises(figures).empty() && std::ranges::all_of(figures, keeps_promise);
}

} // namespace trv::tool::bench

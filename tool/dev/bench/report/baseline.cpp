// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/baseline.hpp"

#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace trv::tool::dev::bench {

namespace {

using nlohmann::ordered_json;

Result<ordered_json> read_baselines(const std::filesystem::path& file) {
    auto object = ordered_json::parse(TRY(read_file(file)), nullptr, false);
    if (!object.is_object()) {
        return failure(file.string(), "is not a JSON object");
    }
    return object;
}

} // namespace

Result<std::vector<std::string>> compare_with_baseline(const std::filesystem::path& file, const std::string& suite,
                                                       const std::vector<Figure>& figures) {
    const ordered_json all = TRY(read_baselines(file));
    std::map<std::string, double> known;
    const auto of_suite = all.find(suite);
    for (const auto& [name, value] : (of_suite == all.end() ? ordered_json::object() : *of_suite).items()) {
        if (value.is_number()) {
            known[name] = value.get<double>();
        }
    }
    std::vector<std::string> complaints;
    for (const Figure& figure : figures) {
        const auto baseline = known.extract(figure.name);
        if (baseline.empty()) {
            complaints.push_back(fmt::format("{} has no baseline", figure.name));
        } else if (figure.ns > baseline.mapped() * baseline_tolerance) {
            complaints.push_back(fmt::format("{} has grown from {:.1f} to {:.1f}, by {:.1f} %", figure.name,
                                             baseline.mapped(), figure.ns, (figure.ns / baseline.mapped() - 1) * 100));
        }
    }
    for (const auto& [name, value] : known) {
        complaints.push_back(fmt::format("{} was not measured", name));
    }
    return complaints;
}

Result<void> write_baseline(const std::filesystem::path& file, const std::string& suite,
                            const std::vector<Figure>& figures) {
    std::error_code ignored;
    ordered_json all = std::filesystem::exists(file, ignored) ? TRY(read_baselines(file)) : ordered_json::object();
    ordered_json object = ordered_json::object();
    for (const Figure& figure : figures) {
        object[figure.name] = rounded(figure.ns);
    }
    all[suite] = std::move(object);
    return write_file(file, all.dump(2) + "\n");
}

Result<bool> apply_baseline(const BaselineOptions& options, const std::string& suite,
                            const std::vector<Figure>& figures) {
    if (options.file.empty()) {
        return true;
    }
    const auto file = std::filesystem::absolute(options.file);
    if (options.write) {
        TRY(write_baseline(file, suite, figures));
        return true;
    }
    const auto complaints = TRY(compare_with_baseline(file, suite, figures));
    for (const std::string& complaint : complaints) {
        fmt::print("baseline: {}\n", complaint);
    }
    if (complaints.empty()) {
        fmt::print("baseline: none of {} figures exceeds it by more than {:.0f} %\n", figures.size(),
                   (baseline_tolerance - 1) * 100);
    }
    return complaints.empty();
}

} // namespace trv::tool::dev::bench

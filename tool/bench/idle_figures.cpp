#include "tool/bench/idle_figures.hpp"

#include "tool/bench/boot_figures.hpp"

#include <nlohmann/json.hpp>

namespace trv::tool::bench {

namespace {

using nlohmann::json;

/// The machine's time, and how long its CPUs together have been idle by then.
struct Moment {
    double ns = 0;
    double idle_ns = 0;
    std::size_t cpus = 0;
};

std::optional<Moment> moment_of(const std::string& event) {
    const auto object = json::parse(event, nullptr, false);
    if (!object.is_object() || object.value("command", "") != "stats" || !object.contains("cpus")) {
        return std::nullopt;
    }
    Moment moment{.ns = object.value("ns", 0.0)};
    for (const json& cpu : object["cpus"]) {
        moment.idle_ns += cpu.value("idle_ns", 0.0);
        ++moment.cpus;
    }
    return moment;
}

} // namespace

std::optional<double> idle_use_ppm(const std::vector<std::string>& events) {
    std::optional<Moment> before;
    std::optional<Moment> after;
    for (const std::string& event : events) {
        if (const auto moment = moment_of(event)) {
            before = after;
            after = moment;
        }
    }
    if (!before || after->ns <= before->ns) {
        return std::nullopt;
    }
    const double passed = after->ns - before->ns;
    const double idle = after->idle_ns - before->idle_ns;
    return (static_cast<double>(after->cpus) * passed - idle) / passed * 1e6;
}

Result<std::vector<Figure>> read_scale_figures(const ReadContext& context) {
    auto figures = TRY(read_boot_figures(context));
    if (const auto use = idle_use_ppm(context.run.events); use && context.guest == 0) {
        figures.push_back({.name = "idle-use", .ns = *use, .unit = "ppm"});
    }
    return figures;
}

} // namespace trv::tool::bench

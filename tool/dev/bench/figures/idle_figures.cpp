// SPDX-License-Identifier: Apache-2.0
#include "contract/events.hpp"
#include "contract/monitor.hpp"
#include "tool/dev/bench/figures/readers.hpp"

#include <nlohmann/json.hpp>

namespace trv::tool::dev::bench {

namespace {

namespace key = contract::monitor::key;
using contract::Member;
using nlohmann::json;

/// The machine's time, and how often all vCPUs have entered the hypervisor by then.
struct Moment {
    double ns = 0;
    double exits = 0;
};

std::optional<Moment> moment_of(const std::string& event) {
    const auto object = json::parse(event, nullptr, false);
    if (!object.is_object() ||
        object.value(name_of(Member::Command), "") != name_of(contract::monitor::Command::Stats)) {
        return std::nullopt;
    }
    Moment moment{.ns = object.value(name_of(Member::Ns), 0.0)};
    for (const json& vm : object.value(key::vms, json::array())) {
        for (const json& vcpu : vm.value(key::vcpu_stats, json::array())) {
            for (const json& count : vcpu.value(key::exits, json::object())) {
                moment.exits += count.get<double>();
            }
        }
    }
    return moment;
}

} // namespace

std::optional<double> idle_exits_per_second(const std::vector<std::string>& events) {
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
    return (after->exits - before->exits) * 1e9 / (after->ns - before->ns);
}

Result<std::vector<Figure>> read_scale_figures(const ReadContext& context) {
    auto figures = TRY(read_boot_figures(context));
    if (const auto exits = idle_exits_per_second(context.run.events); exits && context.guest == 0) {
        figures.push_back({.name = "idle-exits", .ns = *exits, .unit = "/s"});
    }
    return figures;
}

} // namespace trv::tool::dev::bench

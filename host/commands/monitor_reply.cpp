// SPDX-License-Identifier: Apache-2.0
#include "host/commands/monitor_reply.hpp"

#include "contract/events.hpp"
#include "tool/support/deadline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace trv::host::commands {

using contract::monitor::Command;
using nlohmann::ordered_json;
using tool::Result;

namespace {

constexpr std::string_view stopping = "stopping"; // a state of the monitor's list
/// Seconds; generous, for an emulated machine on a busy one.
constexpr double end_limit = 30;
constexpr std::chrono::milliseconds retry_interval{20};

} // namespace

Result<ordered_json> ask(manager::Manager& manager, Command command, const std::string& argument) {
    const std::string line = fmt::format("{}{}{}", name_of(command), argument.empty() ? "" : " ", argument);
    auto reply = TRY(manager.monitor(line));
    if (reply.value(name_of(contract::Member::Ok), false)) {
        return reply;
    }
    const auto error = reply.value(name_of(contract::Member::Error), "the hypervisor refuses it");
    return tool::failure(argument.empty() ? std::string{name_of(command)} : "VM " + argument,
                         fmt::format("{}: {}", name_of(command), error));
}

Result<unsigned> index_of(manager::Manager& manager, const std::string& name) {
    const auto list = TRY(ask(manager, Command::List));
    std::vector<std::string> names;
    for (const auto& vm : list.value(contract::monitor::key::vms, ordered_json::array())) {
        names.push_back(vm.value(contract::monitor::key::vm, ""));
        if (names.back() == name) {
            return vm.value(contract::monitor::key::index, contract::max_vms);
        }
    }
    return tool::usage_error("VM", name, "no such VM",
                             names.empty() ? "There are none." : fmt::format("There are: {}.", fmt::join(names, ", ")));
}

Result<void> await_end(manager::Manager& manager, const std::string& name) {
    tool::Deadline limit;
    limit.set(end_limit);
    while (!limit.passed()) {
        const auto list = TRY(ask(manager, Command::List));
        const auto vms = list.value(contract::monitor::key::vms, ordered_json::array());
        const auto stops = [&](const ordered_json& vm) {
            return vm.value(contract::monitor::key::vm, "") == name &&
                   vm.value(contract::monitor::key::state, "") == stopping;
        };
        if (std::ranges::none_of(vms, stops)) {
            return {};
        }
        std::this_thread::sleep_for(retry_interval);
    }
    return tool::failure("VM " + name, "it has not stopped in time");
}

} // namespace trv::host::commands

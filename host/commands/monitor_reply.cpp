// SPDX-License-Identifier: Apache-2.0
#include "host/commands/monitor_reply.hpp"

#include "contract/events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace trv::host::commands {

using contract::monitor::Command;
using nlohmann::ordered_json;
using tool::Result;

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

} // namespace trv::host::commands

// SPDX-License-Identifier: Apache-2.0
#include "tool/run/report/vm_result.hpp"

#include <nlohmann/json.hpp>

namespace trv::tool::run {

namespace {

using nlohmann::ordered_json;

template <typename Value>
ordered_json or_null(const std::optional<Value>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json commands_of(const VmSession& vm) {
    ordered_json commands = ordered_json::array();
    for (const auto& result : vm.commands()) {
        commands.push_back({{"command", result.command},
                            {"status", std::string{word_for(result)}},
                            {"exit_code", or_null(result.exit_code)}});
    }
    return commands;
}

} // namespace

ordered_json vm_result(const VmSession& vm) {
    ordered_json object{{"status", vm.status()},
                        {"exit_code", or_null(vm.exit_code())},
                        {"boot_seconds", or_null(vm.boot_seconds())},
                        {"ready_seconds", or_null(vm.ready_seconds())},
                        {"commands", commands_of(vm)}};
    if (!vm.trouble().empty()) {
        object["trouble"] = vm.trouble();
    }
    return object;
}

} // namespace trv::tool::run

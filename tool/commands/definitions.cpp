// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/definitions.hpp"

#include "tool/commands/command_line.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace trv::tool::commands {

namespace {

void add_below(const CLI::App& app, const std::string& prefix, std::vector<NamedCommand>& all) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        const std::string name = prefix + command->get_name();
        all.push_back({name, command});
        add_below(*command, name + " ", all);
    }
}

} // namespace

void define_commands(CLI::App& app, Action& action) {
    app.description("Trivisor: a hypervisor that gives every virtual machine its own, isolated OP-TEE.");
    app.name("trivisor");
    app.set_version_flag("--version", std::string{"trivisor "} + TRIVISOR_VERSION, "Show the version and exit");
    app.require_subcommand(0, 1);
    for (const auto add : {add_setup, add_demo, add_host, add_run, add_ta, add_xtest, add_vm, add_console, add_config,
                           add_menuconfig, add_test, add_bench, add_help, add_completion}) {
        add(app, action);
    }
}

std::vector<NamedCommand> all_commands(const CLI::App& app) {
    std::vector<NamedCommand> all;
    add_below(app, "", all);
    return all;
}

std::vector<std::string> choices(const CLI::Option& option) {
    // CLI11 keeps them as the description of its check: "TEXT:{bash,zsh}".
    const std::string type = option.get_type_name();
    const auto begin = type.find('{');
    const auto end = type.find('}');
    std::vector<std::string> words;
    for (auto at = begin; at < end && end != std::string::npos;) {
        const auto next = std::min(type.find(',', at + 1), end);
        words.push_back(type.substr(at + 1, next - at - 1));
        at = next;
    }
    return words;
}

} // namespace trv::tool::commands

// SPDX-License-Identifier: Apache-2.0
#include "tool/command_line/definitions.hpp"

#include <algorithm>

namespace trv::tool::command_line {

namespace {

void add_below(const CLI::App& app, const std::string& prefix, std::vector<NamedCommand>& all) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        const std::string name = prefix + command->get_name();
        all.push_back({name, command});
        add_below(*command, name + " ", all);
    }
}

} // namespace

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

} // namespace trv::tool::command_line

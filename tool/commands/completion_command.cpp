// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/commands/definitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace trv::tool::commands {

namespace {

/// The words that may follow a command: subcommands, options, and arguments with restricted values.
std::vector<std::string> words_after(const CLI::App& command) {
    std::vector<std::string> words;
    for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
        words.push_back(below->get_name());
    }
    for (const CLI::Option* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) {
            words.push_back("--" + name);
        }
        if (option->get_positional()) {
            const auto allowed = choices(*option);
            words.insert(words.end(), allowed.begin(), allowed.end());
        }
    }
    return words;
}

/// Cases for options with restricted values.
std::string value_cases(const std::string& name, const CLI::App& command) {
    std::string cases;
    for (const CLI::Option* option : command.get_options()) {
        const auto allowed = choices(*option);
        for (const auto& spelling : option->get_lnames()) {
            if (!allowed.empty()) {
                cases += fmt::format("    '{} --{}') words='{}' ;;\n", name, spelling, fmt::join(allowed, " "));
            }
        }
    }
    return cases;
}

constexpr std::string_view zsh_prelude = "autoload -U +X compinit && compinit\n"
                                         "autoload -U +X bashcompinit && bashcompinit\n";

} // namespace

std::string completion_script(const CLI::App& app, std::string_view shell) {
    std::string commands;
    std::string words = fmt::format("    '') words='{}' ;;\n", fmt::join(words_after(app), " "));
    std::string values;
    for (const auto& [name, command] : all_commands(app)) {
        commands += fmt::format("{}' {}'", commands.empty() ? "" : " | ", name);
        words += fmt::format("    '{}') words='{}' ;;\n", name, fmt::join(words_after(*command), " "));
        values += value_cases(name, *command);
    }
    return fmt::format(R"(# Completion of trivisor's command lines. Made by: ./trivisor completion {0}
{1}_trivisor() {{
    local i words= command= word=${{COMP_WORDS[COMP_CWORD]}}
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case "${{command:+ $command}} ${{COMP_WORDS[i]}}" in
        {2}) command="${{command:+$command }}${{COMP_WORDS[i]}}" ;;
        esac
    done
    case "$command" in
{3}    esac
    case "$command ${{COMP_WORDS[COMP_CWORD - 1]}}" in
{4}    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o bashdefault -o default -F _trivisor trivisor ./trivisor
)",
                       shell, shell == "zsh" ? zsh_prelude : "", commands, words, values);
}

void add_completion(CLI::App& app, Action& action) {
    const auto shell = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("completion", "Print a shell completion script: source <(./trivisor completion bash)");
    command->add_option("SHELL", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
    command->callback([&app, &action, shell] {
        action = [&app, shell](Context&) -> Result<int> {
            fmt::print("{}", completion_script(app, *shell));
            return 0;
        };
    });
}

} // namespace trv::tool::commands

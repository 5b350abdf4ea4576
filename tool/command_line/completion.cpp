// SPDX-License-Identifier: Apache-2.0
#include "tool/command_line/completion.hpp"

#include "tool/command_line/definitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace trv::tool::command_line {

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

std::string completion_script(const CLI::App& app, std::string_view shell, const CompletionText& text) {
    const std::string program = app.get_name();
    std::string commands;
    std::string words = fmt::format("    '') words='{}' ;;\n", fmt::join(words_after(app), " "));
    std::string values;
    for (const auto& [name, command] : all_commands(app)) {
        commands += fmt::format("{}' {}'", commands.empty() ? "" : " | ", name);
        words += fmt::format("    '{}') words='{}' ;;\n", name, fmt::join(words_after(*command), " "));
        values += value_cases(name, *command);
    }
    return fmt::format(R"(# Completion of {5}'s command lines. Made by: {6} {0}
{1}_{5}() {{
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
complete -o bashdefault -o default -F _{5} {7}
)",
                       shell, shell == "zsh" ? zsh_prelude : "", commands, words, values, program, text.made_by,
                       text.calls);
}

} // namespace trv::tool::command_line

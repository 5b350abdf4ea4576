// SPDX-License-Identifier: Apache-2.0
#include "tool/command_line/manual_page.hpp"

#include "tool/command_line/definitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace trv::tool::command_line {

namespace {

constexpr std::size_t line_length = 72; // roff reformats lines; long ones are only hard to read in the source

/// Escapes text for roff, so that nothing in it is a command or an escape.
std::string roff(std::string_view text) {
    std::string out;
    std::size_t line = 0;
    for (const char letter : text) {
        if (letter == '\\') {
            out += "\\e";
        } else if (letter == '-') {
            out += "\\-";
        } else if ((letter == '.' || letter == '\'') && (out.empty() || out.back() == '\n')) {
            out += std::string{"\\&"} + letter;
        } else if (letter == ' ' && out.size() - line > line_length) {
            out += '\n';
        } else {
            out += letter;
        }
        line = out.back() == '\n' ? out.size() : line;
    }
    return out;
}

/// The heading for an option: "--json TEXT", or an argument's name.
std::string heading(const CLI::Option& option) {
    if (option.get_positional()) {
        return fmt::format("\\fI{}\\fR", roff(option.get_name(true)));
    }
    std::string names;
    for (const auto& name : option.get_snames()) {
        names += fmt::format("{}\\fB\\-{}\\fR", names.empty() ? "" : ", ", roff(name));
    }
    for (const auto& name : option.get_lnames()) {
        names += fmt::format("{}\\fB\\-\\-{}\\fR", names.empty() ? "" : ", ", roff(name));
    }
    // "FLOAT:POSITIVE" says more than a reader of a heading wants; which words are allowed is worth knowing.
    const std::string type = option.get_type_name();
    const auto allowed = choices(option);
    const std::string value =
        allowed.empty() ? type.substr(0, type.find(':')) : fmt::format("{}", fmt::join(allowed, "|"));
    return option.get_type_size() == 0 ? names : fmt::format("{} \\fI{}\\fR", names, roff(value));
}

std::string synopsis(const std::string& program, const NamedCommand& named) {
    std::string line = fmt::format("\\fB{} {}\\fR", roff(program), roff(named.name));
    bool options = false;
    for (const CLI::Option* option : named.command->get_options()) {
        if (!option->get_positional()) {
            options = options || option != named.command->get_help_ptr();
        } else {
            const std::string name = fmt::format("\\fI{}\\fR", roff(option->get_name(true)));
            line += option->get_required() ? " " + name : " [" + name + "]";
        }
    }
    return line + (options ? " [\\fIoptions\\fR]" : "");
}

std::string options_of(const CLI::App& command) {
    std::string text;
    for (const CLI::Option* option : command.get_options()) {
        if (option == command.get_help_ptr() && command.get_parent() != nullptr) {
            continue; // documented once, above
        }
        text += fmt::format(".TP\n{}\n{}\n", heading(*option), roff(option->get_description()));
    }
    return text;
}

std::string definitions(std::span<const Definition> table) {
    std::string text;
    for (const auto& [word, meaning] : table) {
        text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(word), roff(meaning));
    }
    return text;
}

} // namespace

std::string manual_page(const CLI::App& app, const ManualText& text) {
    const std::string program = app.get_name();
    std::string title = program;
    std::ranges::transform(title, title.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    std::string page = fmt::format(".\\\" Made by: {}\n"
                                   ".TH {} {} \"{}\" \"{} {}\" \"Trivisor\"\n"
                                   ".SH NAME\n{} \\- {}\n"
                                   ".SH SYNOPSIS\n\\fB{}\\fR \\fIcommand\\fR [\\fIoptions\\fR]\n"
                                   ".SH DESCRIPTION\n{}\n{}\n"
                                   ".SH OPTIONS\n{}.SH COMMANDS\n",
                                   text.made_by, title, text.section, text.date, program, roff(text.version), program,
                                   roff(text.purpose), text.call, roff(app.get_description()), roff(text.description),
                                   options_of(app));
    for (const auto& named : all_commands(app)) {
        page += fmt::format(".SS {}\n{}.\n{}", synopsis(program, named), roff(named.command->get_description()),
                            options_of(*named.command));
    }
    page += fmt::format(".SH EXIT STATUS\n{}.SH FILES\n{}", definitions(text.exit_codes), definitions(text.files));
    page += fmt::format(".SH SEE ALSO\n{}\n", roff(text.see_also));
    return page;
}

} // namespace trv::tool::command_line

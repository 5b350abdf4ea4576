// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/definitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

namespace trv::tool::commands {

namespace {

constexpr const char* manual_date = "2026-11-25"; // the last change of the text here, apart from the definitions
constexpr std::size_t line_length = 72;           // roff reformats lines; long ones are only hard to read in the source

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

std::string synopsis(const NamedCommand& named) {
    std::string line = fmt::format("\\fBtrivisor {}\\fR", roff(named.name));
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

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> exit_codes{{
    {"0", "All went well."},
    {"1", "A command in a VM or a test failed, or a benchmark exceeded its limit."},
    {"2", "The command line, a machine description or a source file is wrong; the message says where, and what to do."},
    {"3", "This host, the emulated machine or the hypervisor failed."},
    {"124", "The time-out of run expired."},
    {"130", "Interrupted by Ctrl-C."},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> files{{
    {"machines/*.toml", "Machine descriptions."},
    {"configs/*, .config", "Build options of the hypervisor: the available configurations, and the current one."},
    {"build/run/MACHINE-N/", "Logs of a run."},
    {"build/logs/", "Build logs."},
}};

template <typename Table>
std::string definitions(const Table& table) {
    std::string text;
    for (const auto& [word, meaning] : table) {
        text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(word), roff(meaning));
    }
    return text;
}

} // namespace

std::string manual_page(const CLI::App& app) {
    std::string page = fmt::format(".\\\" Made by: ./trivisor help --man\n"
                                   ".TH TRIVISOR 1 \"{}\" \"trivisor {}\" \"Trivisor\"\n"
                                   ".SH NAME\ntrivisor \\- hypervisor with an OP\\-TEE for each virtual machine\n"
                                   ".SH SYNOPSIS\n\\fB./trivisor\\fR \\fIcommand\\fR [\\fIoptions\\fR]\n"
                                   ".SH DESCRIPTION\n{}\nIt fetches and builds what is missing,\nassembles machines "
                                   "from descriptions and runs them in QEMU.\n"
                                   ".SH OPTIONS\n{}.SH COMMANDS\n",
                                   manual_date, roff(TRIVISOR_VERSION), roff(app.get_description()), options_of(app));
    for (const auto& named : all_commands(app)) {
        page += fmt::format(".SS {}\n{}.\n{}", synopsis(named), roff(named.command->get_description()),
                            options_of(*named.command));
    }
    page += fmt::format(".SH EXIT STATUS\n{}.SH FILES\n{}", definitions(exit_codes), definitions(files));
    page += ".SH SEE ALSO\nThe folder \\fIdocs/\\fR of the checkout explains machine descriptions,\nconsoles, "
            "trusted applications and build options.\n";
    return page;
}

} // namespace trv::tool::commands

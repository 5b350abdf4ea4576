// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include <span>
#include <string>
#include <string_view>

namespace trv::tool::command_line {

/// A word and what it means.
struct Definition {
    std::string_view word;
    std::string_view meaning;
};

/// What a manual page says beside the definitions of the commands.
struct ManualText {
    std::string_view made_by; ///< the command that prints the page
    std::string_view call;    ///< the program as the user calls it
    int section = 1;
    std::string_view date; ///< the last change of the text here
    std::string_view version;
    std::string_view purpose;     ///< in one line
    std::string_view description; ///< follows the program's own
    std::span<const Definition> exit_codes;
    std::span<const Definition> files;
    std::string_view see_also;
};

/// A manual page for man(1), from the definitions of a program's commands.
[[nodiscard]] std::string manual_page(const CLI::App& app, const ManualText& text);

} // namespace trv::tool::command_line

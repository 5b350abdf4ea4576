// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a payload is made of: named commands, which the kernel command line or the agent port asks for.

#include <span>
#include <string_view>

namespace trv::bare {

struct Command {
    std::string_view name;
    /// @param arguments what follows the name
    void (*run)(std::string_view arguments);
};

struct Payload {
    std::string_view name; ///< as a command, it stands for all commands of `suite`
    std::span<const Command> suite;
    std::span<const Command> others; ///< only by their own names
};

/// Each payload defines its own.
extern const Payload payload;

/// Exit codes of a command line.
inline constexpr int all_passed = 0;
inline constexpr int some_failed = 1;
inline constexpr int no_such_command = 127;

/// Runs `line`, a command with its arguments, and prints the summary of its checks.
int run_command(std::string_view line);

} // namespace trv::bare

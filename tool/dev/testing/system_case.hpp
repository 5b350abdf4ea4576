// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace trv::tool::dev::testing {

/// A step of a case's dialogue with the command.
struct DialogueStep {
    enum class Kind { Expect, Send, Signal, Run };
    Kind kind;
    std::string text{}; // Expect: regular expression for what follows the last match; Send: bytes; Run: a shell script
    int signal = 0;
    std::vector<std::string> arguments{}; // Run, instead: another command line of this command; ends with 0
};

/// What a case expects of a value in the JSON that `run --json` writes.
struct JsonCheck {
    std::string pointer{}; // RFC 6901
    std::variant<bool, double, std::string> equals{};
    std::optional<double> at_most{}; // instead of `equals`
};

/// Expectations of a text: what a line of it must match, and what none may.
struct TextCheck {
    std::vector<std::string> has{};
    std::vector<std::string> lacks{};
};

/// One system test: a command line of this command, a dialogue with it, and what must have come of it. Cases are kept
/// in tests/system/*.toml, whose README.md describes their keys.
struct SystemCase {
    std::string name{};
    std::vector<std::string> arguments{};
    bool terminal = false; // its input and output are a terminal
    bool full = false;     // takes long: only with --full
    bool alone = false;    // measures time that passes: nothing runs beside the cases of its file
    double limit = 1800;   // seconds until it counts as hung, with what it waits for others that set up
    int exit_code = 0;
    std::vector<DialogueStep> dialogue{};
    TextCheck output{};
    std::map<std::string, TextCheck> logs{}; // by name: a VM's, "hypervisor", "tee"
    std::vector<JsonCheck> json{};
    std::string prepare{}; // a shell script, run before the command, in the checkout's root; has to end with 0
    std::string verify{};  // a shell script, run in the folder of the run's logs, which has to end with 0
};

/// Reads all cases of a file, in its order.
[[nodiscard]] Result<std::vector<SystemCase>> read_cases(const std::filesystem::path& file);
[[nodiscard]] Result<std::vector<SystemCase>> parse_cases(std::string_view text, const std::string& file);

} // namespace trv::tool::dev::testing

// SPDX-License-Identifier: Apache-2.0
#include "tool/command_line/program.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

namespace trv::tool::command_line {

std::optional<int> parse(CLI::App& app, int count, const char* const* arguments) {
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& problem) {
        // CLI11 has its own exit codes for each kind of error; ours is one for all. Help and version are not errors.
        return app.exit(problem) == 0 ? 0 : usage_exit_code;
    }
    return std::nullopt;
}

int report(const std::string& program, const Error& error) {
    fmt::print(stderr, "{}: {}\n", program, to_string(error));
    return exit_code(error);
}

int carry_out(const std::string& program, const std::function<Result<int>()>& action) {
    try {
        const auto result = action();
        return result ? *result : report(program, result.error());
    } catch (const std::exception& problem) {
        return report(program, {.place = program, .key = {}, .what = problem.what(), .hint = {}});
    }
}

} // namespace trv::tool::command_line

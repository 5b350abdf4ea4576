// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"

#include "tool/commands/definitions.hpp"
#include "tool/support/process/child_groups.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace trv::tool::commands {

namespace {

int report(const Error& error) {
    fmt::print(stderr, "trivisor: {}\n", to_string(error));
    return exit_code(error);
}

/// CLI11 has its own exit codes for each kind of error; ours is one for all. Help and version are not errors.
int report(const CLI::App& app, const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : usage_exit_code;
}

/// The standard library's file functions throw if a folder disappears while they run.
Result<int> carry_out(const Action& action, Context& context) {
    try {
        return action(context);
    } catch (const std::exception& problem) {
        return failure("trivisor", problem.what());
    }
}

} // namespace

int run_command(int count, const char* const* arguments) {
    CLI::App app;
    Action action;
    define_commands(app, action);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& problem) {
        return report(app, problem);
    }
    if (!action) {
        fmt::print(stderr, "{}", app.help());
        return usage_exit_code;
    }
    auto paths = Paths::find();
    if (!paths) {
        return report(paths.error());
    }
    Context context{.paths = *std::move(paths)};
    end_children_with_us();
    const auto result = carry_out(action, context);
    return result ? *result : report(result.error());
}

} // namespace trv::tool::commands

// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"

#include "tool/command_line/program.hpp"
#include "tool/commands/definitions.hpp"
#include "tool/support/process/child_groups.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace trv::tool::commands {

using command_line::carry_out;
using command_line::report;

int run_command(int count, const char* const* arguments) {
    CLI::App app;
    Action action;
    define_commands(app, action);
    if (const auto ended = command_line::parse(app, count, arguments)) {
        return *ended;
    }
    if (!action) {
        fmt::print(stderr, "{}", app.help());
        return usage_exit_code;
    }
    auto paths = Paths::find();
    if (!paths) {
        return report("trivisor", paths.error());
    }
    Context context{.paths = *std::move(paths)};
    end_children_with_us();
    return carry_out("trivisor", [&] { return action(context); });
}

} // namespace trv::tool::commands

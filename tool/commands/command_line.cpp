#include "tool/commands/command_line.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace trv::tool::commands {

namespace {

constexpr int usage_exit_code = 2;

int report(const Error& error) {
    fmt::print(stderr, "trivisor: {}\n", to_string(error));
    return exit_code(error);
}

/// CLI11 has exit codes of its own for each kind of mistake; ours is one for all. Help and version are no mistake.
int report(const CLI::App& app, const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : usage_exit_code;
}

} // namespace

int run_command(int count, const char* const* arguments) {
    CLI::App app{"Trivisor: a hypervisor that gives every virtual machine its own, isolated OP-TEE."};
    app.name("trivisor");
    app.set_version_flag("--version", std::string{"trivisor "} + TRIVISOR_VERSION, "Show the version and end");
    app.require_subcommand(0, 1);
    Action action;
    for (const auto add :
         {add_setup, add_demo, add_run, add_ta, add_xtest, add_vm, add_console, add_test, add_bench, add_help}) {
        add(app, action);
    }
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
    const auto result = action(context);
    return result ? *result : report(result.error());
}

} // namespace trv::tool::commands

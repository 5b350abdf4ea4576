// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/control/running_machines.hpp"
#include "tool/setup/setup.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/debug/debug_project.hpp"
#include "tool/ta/deploy/background_machine.hpp"
#include "tool/ta/project/new_project.hpp"
#include "tool/ta/run_project.hpp"
#include "tool/ta/trace/trace_project.hpp"

#include <fmt/format.h>

#include <memory>

namespace trv::tool::commands {

namespace {

/// Sets up what a build needs; booting a machine sets up the rest.
Result<void> set_up(Context& context) {
    return setup::run_setup(context, {.kernels = std::vector<std::string>{}, .hypervisor = false});
}

void add_new(CLI::App& ta, Action& action) {
    const auto folder = std::make_shared<std::filesystem::path>();
    CLI::App* command = ta.add_subcommand("new", "Create a project from a template, with its own UUID");
    command->add_option("NAME", *folder, "The new folder; its last component is the project's name")->required();
    command->callback([&action, folder] {
        action = [folder](Context& context) -> Result<int> {
            TRY(ta::make_project(context.paths, *folder));
            fmt::print("Created {0}. Next: ./trivisor ta run {0}\n", folder->string());
            return 0;
        };
    });
}

void add_build(CLI::App& ta, Action& action) {
    const auto folder = std::make_shared<std::filesystem::path>();
    CLI::App* command = ta.add_subcommand("build", "Build and sign a trusted application, and build its client");
    command->add_option("DIR", *folder, "The project's folder")->required();
    command->callback([&action, folder] {
        action = [folder](Context& context) -> Result<int> {
            TRY(set_up(context));
            const auto built = TRY(ta::build_project(context, *folder));
            fmt::print("{}\n{}\n", context.paths.shown(built.ta.signed_file),
                       context.paths.shown(built.client.program));
            return 0;
        };
    });
}

/// `run` and `test` differ in what runs in the VM.
CLI::App* add_running(CLI::App& ta, Action& action, const std::shared_ptr<ta::TaRunOptions>& options, const char* name,
                      const char* help) {
    CLI::App* command = ta.add_subcommand(name, help);
    command->add_option("DIR", options->project, "The project's folder")->required();
    command->add_option("--on", options->machine,
                        "Machine description; default: the running machine, otherwise examples/ta.toml");
    command->add_option("--vm", options->vm, "The VM; default: the first with an OP-TEE");
    command->add_flag("--watch", options->watch, "Repeat whenever a file is saved, until Ctrl-C");
    command->add_flag("--stop", options->stop, "Stop the machine afterwards");
    command->callback([&action, options] {
        action = [options](Context& context) -> Result<int> {
            TRY(set_up(context));
            return ta::run_project(context, *options);
        };
    });
    return command;
}

void add_debug(CLI::App& ta, Action& action) {
    const auto options = std::make_shared<ta::TaDebugOptions>();
    CLI::App* command = ta.add_subcommand(
        "debug", "Build for debugging, and run the client in a VM with gdb in the trusted application");
    command->add_option("DIR", options->project, "The project's folder")->required();
    command->add_option("--batch", options->batch, "Run gdb's commands in this file instead of yours");
    command->add_option(
        "--on", options->machine,
        "Machine description, or a run with --gdb-socket; default: such a run, otherwise examples/ta.toml");
    command->add_option("--vm", options->vm, "The VM; default: the first with an OP-TEE");
    command->add_option("ARGS", options->arguments, "The client's arguments, after --");
    command->callback([&action, options] {
        action = [options](Context& context) -> Result<int> {
            TRY(set_up(context));
            return ta::debug_project(context, *options);
        };
    });
}

void add_trace(CLI::App& ta, Action& action) {
    const auto options = std::make_shared<ta::TaTraceOptions>();
    CLI::App* command = ta.add_subcommand(
        "trace", "Run the client in a VM, and print the calls of the trusted application's functions");
    command->add_option("DIR", options->project, "The project's folder")->required();
    command->add_option("--on", options->machine,
                        "Machine description with optee.ftrace; default: examples/ta-trace.toml");
    command->add_option("--vm", options->vm, "The VM; default: the first with an OP-TEE");
    command->add_flag("--stop", options->stop, "Stop the machine afterwards");
    command->add_option("ARGS", options->arguments, "The client's arguments, after --");
    command->callback([&action, options] {
        action = [options](Context& context) -> Result<int> { return ta::trace_project(context, *options); };
    });
}

void add_stop(CLI::App& ta, Action& action) {
    const auto machine = std::make_shared<std::string>();
    CLI::App* command = ta.add_subcommand("stop", "Stop the machine that `ta run` left running");
    command->add_option("--machine", *machine, "The machine, if several are running");
    command->callback([&action, machine] {
        action = [machine](Context& context) -> Result<int> {
            TRY(ta::stop_machine(TRY(control::find_running(context.paths, *machine))));
            return 0;
        };
    });
}

} // namespace

void add_ta(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("ta", "Create, build and run trusted applications");
    command->require_subcommand(1);
    add_new(*command, action);
    add_build(*command, action);
    const auto run = std::make_shared<ta::TaRunOptions>();
    add_running(*command, action, run, "run",
                "Build, deploy to a running VM without a reboot, and run the client there")
        ->add_option("ARGS", run->arguments, "The client's arguments, after --");
    const auto test = std::make_shared<ta::TaRunOptions>();
    test->tests = true;
    add_running(*command, action, test, "test", "Build, deploy to a running VM, and run the scripts in test/ there");
    add_debug(*command, action);
    add_trace(*command, action);
    add_stop(*command, action);
}

} // namespace trv::tool::commands

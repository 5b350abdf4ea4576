// SPDX-License-Identifier: Apache-2.0
#include "tool/command_line/assignment.hpp"
#include "tool/commands/command_line.hpp"
#include "tool/machine/values/byte_size.hpp"
#include "tool/run/run_machine.hpp"

#include <memory>

namespace trv::tool::commands {

namespace {

/// The options as given, before they are parsed.
struct Written {
    run::RunOptions options{};
    std::vector<std::string> commands{};
    std::vector<std::string> overlays{};
    double timeout = 0;
    std::string trace_buffer{};
};

Result<std::uint64_t> trace_buffer(const std::string& text) {
    using run::RunOptions;
    const auto size = machine::parse_size(text);
    if (!size || *size < RunOptions::least_trace_buffer || *size > RunOptions::most_trace_buffer) {
        return usage_error("run", "--trace-buffer", "'" + text + "' is not a valid size",
                           "Use 4KiB to 16MiB per CPU, for example --trace-buffer 2MiB.");
    }
    return *size;
}

Result<run::RunOptions> understood(const Written& written) {
    run::RunOptions options = written.options;
    for (const auto& text : written.commands) {
        options.commands.push_back(TRY(command_line::parse_assignment("--exec", text)));
    }
    for (const auto& text : written.overlays) {
        options.overlays.push_back(TRY(command_line::parse_assignment("--overlay", text)));
    }
    if (written.timeout > 0) {
        options.timeout = written.timeout;
    }
    if (!written.trace_buffer.empty()) {
        options.trace_buffer = TRY(trace_buffer(written.trace_buffer));
    }
    return options;
}

} // namespace

void add_run(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("run", "Run a machine: with --exec until the commands end, otherwise "
                                                  "with your terminal attached to a VM's console (Ctrl-] q quits)");
    command->add_option("MACHINE", written->options.machine, "Machine description (TOML)")->required();
    // One value each: a command may start with anything, and the next word is the next option.
    command->add_option("--exec", written->commands, "VM=COMMAND: run a command in a VM; repeatable")
        ->allow_extra_args(false);
    command
        ->add_option("--overlay", written->overlays,
                     "VM=FOLDER: overlay the folder's contents on the VM's root file system")
        ->allow_extra_args(false);
    command->add_option("--attach", written->options.attach, "The VM whose console to attach first (without --exec)");
    command->add_option("--config", written->options.config,
                        "Run an image built with this configuration: a name from configs/, or a file");
    command->add_option("--timeout", written->timeout, "Stop the machine after this many seconds, with exit code 124")
        ->check(CLI::PositiveNumber);
    command->add_option("--json", written->options.json, "Write each VM's results to this file");
    command->add_option("--trace", written->options.trace,
                        "Trace the CPUs from boot on into this file: JSON for ui.perfetto.dev");
    command->add_option("--trace-buffer", written->trace_buffer,
                        "Trace memory per CPU, 4KiB to 16MiB (default 256KiB)");
    command->add_flag("--icount", written->options.instruction_clock,
                      "Make every instruction take 1 ns: slower, but timings are exact and repeatable");
    CLI::Option* waits = command->add_flag("--gdb", written->options.debugger,
                                           "Wait for gdb on TCP port 1234 before the first instruction");
    command
        ->add_flag("--gdb-socket", written->options.gdb_socket,
                   "Let gdb, or ta debug, connect at any time, at gdb.sock in the run's folder")
        ->excludes(waits);
    command->callback([&action, written] {
        action = [written](Context& context) -> Result<int> {
            return TRY(run::run_machine(context, TRY(understood(*written)))).exit_code;
        };
    });
}

} // namespace trv::tool::commands

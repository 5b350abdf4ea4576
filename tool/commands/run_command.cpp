#include "tool/commands/assignment.hpp"
#include "tool/commands/command_line.hpp"
#include "tool/machine/byte_size.hpp"
#include "tool/run/run_machine.hpp"

#include <memory>

namespace trv::tool::commands {

namespace {

/// The options as written, before they are taken apart.
struct Written {
    runs::RunOptions options{};
    std::vector<std::string> commands{};
    std::vector<std::string> overlays{};
    double timeout = 0;
    std::string trace_buffer{};
};

Result<std::uint64_t> trace_buffer(const std::string& text) {
    using runs::RunOptions;
    const auto size = machine::parse_size(text);
    if (!size || *size < RunOptions::least_trace_buffer || *size > RunOptions::most_trace_buffer) {
        return usage_error("run", "--trace-buffer", "'" + text + "' is no size for it",
                           "Give each CPU 4KiB to 16MiB: --trace-buffer 2MiB.");
    }
    return *size;
}

Result<runs::RunOptions> understood(const Written& written) {
    runs::RunOptions options = written.options;
    for (const auto& text : written.commands) {
        options.commands.push_back(TRY(parse_assignment("--exec", text)));
    }
    for (const auto& text : written.overlays) {
        options.overlays.push_back(TRY(parse_assignment("--overlay", text)));
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
    CLI::App* command = app.add_subcommand("run", "Run a machine: with --exec until its commands have ended, else "
                                                  "with your terminal on a VM's console (Ctrl-] q leaves)");
    command->add_option("MACHINE", written->options.machine, "Machine description (TOML)")->required();
    // One value each: a command may start with anything, and what follows is the next option.
    command->add_option("--exec", written->commands, "VM=COMMAND: run a command in a VM; may be repeated")
        ->allow_extra_args(false);
    command->add_option("--overlay", written->overlays, "VM=FOLDER: lay a folder's tree over the VM's root file system")
        ->allow_extra_args(false);
    command->add_option("--attach", written->options.attach, "The VM whose console comes first (without --exec)");
    command->add_option("--config", written->options.config,
                        "Run an image with the options of this configuration: a name of configs/, or a file");
    command->add_option("--timeout", written->timeout, "End everything after so many seconds, with exit code 124")
        ->check(CLI::PositiveNumber);
    command->add_option("--json", written->options.json, "Write what became of each VM to this file");
    command->add_option("--trace", written->options.trace,
                        "Write what the CPUs do, from boot on, to this file: JSON for ui.perfetto.dev");
    command->add_option("--trace-buffer", written->trace_buffer,
                        "Memory for it on each CPU, 4KiB to 16MiB (256KiB when not told)");
    command->add_flag("--icount", written->options.instruction_clock,
                      "One instruction takes one nanosecond: slower, but timings are exact and repeat");
    command->add_flag("--gdb", written->options.debugger, "Wait for gdb on TCP port 1234 before the first instruction");
    command->callback([&action, written] {
        action = [written](Context& context) -> Result<int> {
            return TRY(runs::run_machine(context.paths, context.progress, TRY(understood(*written)))).exit_code;
        };
    });
}

} // namespace trv::tool::commands

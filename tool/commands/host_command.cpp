// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/host/run_host.hpp"

#include <memory>

namespace trv::tool::commands {

void add_host(CLI::App& app, Action& action) {
    const auto options = std::make_shared<host::HostOptions>();
    const auto timeout = std::make_shared<double>(0);
    CLI::App* command =
        app.add_subcommand("host", "Run Debian from a disk that keeps its state: with --exec until the commands end, "
                                   "otherwise with your terminal attached to its console (Ctrl-] q quits)");
    command->add_option("MACHINE", options->machine, "Machine description (default machines/host.toml)");
    // One value each: a command may start with anything, and the next word is the next option.
    command->add_option("--exec", options->commands, "COMMAND: run a command in the host; repeatable")
        ->allow_extra_args(false);
    command->add_flag("--fresh", options->fresh, "Make the disk anew: all that is on it is lost");
    command->add_flag("--package", options->package,
                      "Only build the package trivisor-host for the host, and print where it is");
    command->add_flag("--bare", options->bare, "Run it on the machine itself, without the hypervisor");
    command->add_option("--config", options->config,
                        "Run an image built with this configuration: a name from configs/, or a file");
    command->add_flag("--icount", options->instruction_clock,
                      "Make every instruction take 1 ns: slower, but timings are exact and repeatable");
    command->add_option("--timeout", *timeout, "Stop the machine after this many seconds, with exit code 124")
        ->check(CLI::PositiveNumber);
    command->add_option("--json", options->json, "Write the results to this file");
    command->callback([&action, options, timeout] {
        action = [options, timeout](Context& context) -> Result<int> {
            if (*timeout > 0) {
                options->timeout = *timeout;
            }
            return host::run_host(context, *options);
        };
    });
}

} // namespace trv::tool::commands

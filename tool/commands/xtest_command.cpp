// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/xtest/run_xtest.hpp"

#include <memory>

namespace trv::tool::commands {

void add_xtest(CLI::App& app, Action& action) {
    const auto options = std::make_shared<xtest::XtestOptions>();
    CLI::App* command = app.add_subcommand("xtest", "Run OP-TEE's own test suite in several VMs at once");
    command->add_option("--on", options->machine, "Machine description; default: machines/two.toml");
    command->add_option("--vm", options->vms, "Run in this VM; repeatable; default: every VM with a TEE")
        ->allow_extra_args(false);
    command->add_option("--junit", options->junit, "Write a JUnit report to this file");
    command->add_option("--json", options->json, "Write a JSON report to this file");
    command->add_option("ARGUMENTS", options->arguments,
                        "Arguments for xtest, after --, e.g. -- -t regression 1001 4001");
    command->callback(
        [&action, options] { action = [options](Context& context) { return xtest::run_xtest(context, *options); }; });
}

} // namespace trv::tool::commands

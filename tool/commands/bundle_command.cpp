// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/run/run_bundle.hpp"

#include <memory>

namespace trv::tool::commands {

void add_bundle(CLI::App& app, Action& action) {
    const auto options = std::make_shared<run::BundleOptions>();
    CLI::App* command = app.add_subcommand(
        "bundle", "Write the hypervisor and a machine's VMs as kernel and initial RAM disk, for any boot loader");
    command->add_option("MACHINE", options->machine, "Machine description (TOML)")->required();
    command->add_option("--output", options->output, "The folder for trivisor.bin and bundle.cpio")->required();
    command->add_option("--config", options->config, "Options of the image: a name from configs/ or a file");
    command->callback([&action, options] {
        action = [options](Context& context) -> Result<int> {
            TRY(run::run_bundle(context, *options));
            return 0;
        };
    });
}

} // namespace trv::tool::commands

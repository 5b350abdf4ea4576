// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/options/image_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace trv::tool::commands {

namespace {

Result<int> run_config(const Context& context, const std::string& name) {
    if (!name.empty()) {
        TRY(options::choose_config(context.paths, name));
        fmt::print("{} is now the current configuration; the next command rebuilds the image\n", name);
        return 0;
    }
    fmt::print("Options from {}:\n{}\nOther configurations: {}\n",
               context.paths.shown(options::config_in_force(context.paths)),
               TRY(options::options_in_force(context.paths)), fmt::join(options::other_configs(context.paths), ", "));
    return 0;
}

} // namespace

void add_menuconfig(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("menuconfig", "Select the hypervisor's build options in menus");
    const auto file = std::make_shared<std::filesystem::path>();
    command->add_option("FILE", *file, "Edit this file, for run --config, instead of the current configuration");
    command->callback([&action, file] {
        action = [file](Context& context) -> Result<int> {
            TRY(options::open_menus(context.paths, *file));
            return 0;
        };
    });
}

void add_config(CLI::App& app, Action& action) {
    const auto name = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("config", "Show the hypervisor's build options, or choose another configuration");
    command->add_option("NAME", *name, "A configuration in configs/, or a file written by menuconfig");
    command->callback([&action, name] { action = [name](Context& context) { return run_config(context, *name); }; });
}

} // namespace trv::tool::commands

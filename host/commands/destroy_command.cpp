// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/commands/monitor_reply.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace trv::host::commands {

namespace {

/// A VM that has stopped already needs no end, which the monitor reports as an error.
tool::Result<int> destroy(const consoles::Connect& connect, const std::string& name) {
    auto manager = TRY(connect());
    (void)TRY(index_of(manager, name));
    const auto ended = ask(manager, contract::monitor::Command::Destroy, name);
    const auto forgotten = manager.forget(name);
    if (forgotten) {
        return 0;
    }
    return std::unexpected(ended ? forgotten.error() : ended.error());
}

} // namespace

void add_destroy(CLI::App& app, Action& action) {
    const auto name = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("destroy", "End a VM and forget it");
    command->add_option("VM", *name, "The VM")->required();
    command->callback(
        [&action, name] { action = [name](const consoles::Connect& connect) { return destroy(connect, *name); }; });
}

} // namespace trv::host::commands

// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/commands/monitor_reply.hpp"
#include "host/consoles/console_session.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace trv::host::commands {

void add_console(CLI::App& app, Action& action) {
    const auto name = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("console", "Attach your terminal to a VM's console (Ctrl-] q detaches)");
    command->add_option("VM", *name, "The VM")->required();
    command->callback([&action, name] {
        action = [name](const consoles::Connect& connect) -> tool::Result<int> {
            auto manager = TRY(connect());
            const unsigned index = TRY(index_of(manager, *name));
            TRY(consoles::run_console(connect, *name, index));
            return 0;
        };
    });
}

} // namespace trv::host::commands

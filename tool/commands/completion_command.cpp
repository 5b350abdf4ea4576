// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/commands/definitions.hpp"

#include <fmt/format.h>

#include <memory>

namespace trv::tool::commands {

void add_completion(CLI::App& app, Action& action) {
    const auto shell = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("completion", "Print a shell completion script: source <(./trivisor completion bash)");
    command->add_option("SHELL", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
    command->callback([&app, &action, shell] {
        action = [&app, shell](Context&) -> Result<int> {
            fmt::print("{}", completion_script(app, *shell));
            return 0;
        };
    });
}

} // namespace trv::tool::commands

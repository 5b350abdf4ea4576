// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/definitions.hpp"

#include "tool/commands/command_line.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <array>

namespace trv::tool::commands {

namespace {

constexpr std::array<command_line::Definition, 6> exit_codes{{
    {"0", "All went well."},
    {"1", "A command in a VM or a test failed, or a benchmark exceeded its limit."},
    {"2", "The command line, a machine description or a source file is wrong; the message says where, and what to do."},
    {"3", "This host, the emulated machine or the hypervisor failed."},
    {"124", "The time-out of run expired."},
    {"130", "Interrupted by Ctrl-C."},
}};

constexpr std::array<command_line::Definition, 4> files{{
    {"machines/*.toml", "Machine descriptions."},
    {"configs/*, .config", "Build options of the hypervisor: the available configurations, and the current one."},
    {"build/run/MACHINE-N/", "Logs of a run."},
    {"build/logs/", "Build logs."},
}};

} // namespace

void define_commands(CLI::App& app, Action& action) {
    app.description("Trivisor: a hypervisor that gives every virtual machine its own, isolated OP-TEE.");
    app.name("trivisor");
    app.set_version_flag("--version", std::string{"trivisor "} + TRIVISOR_VERSION, "Show the version and exit");
    app.require_subcommand(0, 1);
    for (const auto add : {add_setup, add_demo, add_host, add_run, add_bundle, add_ta, add_xtest, add_vm, add_console,
                           add_config, add_menuconfig, add_test, add_bench, add_help, add_completion}) {
        add(app, action);
    }
}

std::string manual_page(const CLI::App& app) {
    return command_line::manual_page(
        app,
        {.made_by = "./trivisor help --man",
         .call = "./trivisor",
         .date = "2026-11-25",
         .version = TRIVISOR_VERSION,
         .purpose = "hypervisor with an OP-TEE for each virtual machine",
         .description = "It fetches and builds what is missing, assembles machines from descriptions and runs them "
                        "in QEMU.",
         .exit_codes = exit_codes,
         .files = files,
         .see_also = "The folder docs/ of the checkout explains machine descriptions, consoles, trusted "
                     "applications and build options."});
}

std::string completion_script(const CLI::App& app, std::string_view shell) {
    return command_line::completion_script(app, shell,
                                           {.made_by = "./trivisor completion", .calls = "trivisor ./trivisor"});
}

} // namespace trv::tool::commands

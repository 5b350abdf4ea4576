// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"

#include "tool/command_line/completion.hpp"
#include "tool/command_line/manual_page.hpp"
#include "tool/command_line/program.hpp"
#include "tool/support/process/child_groups.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <array>

namespace trv::host::commands {

namespace {

using tool::command_line::Definition;

constexpr const char* program = "trivisorctl";

constexpr std::array<Definition, 6> exit_codes{{
    {"0", "All went well."},
    {"1", "A command in a VM failed, or the hypervisor refused a command."},
    {"2", "The command line or a file is wrong; the message says where, and what to do."},
    {"3", "The hypervisor cannot be reached, a VM not be created, or a device not be plugged or unplugged."},
    {"124", "The time-out of run expired."},
    {"130", "Interrupted by Ctrl-C."},
}};

constexpr std::array<Definition, 5> files{{
    {"/etc/trivisor/NAME.toml", "VMs that start with the host: systemctl enable trivisor-vm@NAME."},
    {"/usr/share/trivisor/examples/",
     "Example VMs: tee.toml has an OP-TEE and a program that uses it, debian.toml a Debian on a disk."},
    {"/var/lib/trivisor/disks/", "Disks that disk create made; the programs that serve them run as trivisor-io."},
    {"/var/cache/trivisor/", "Kernel modules for initramfs of VMs with the host's own kernel."},
    {"/dev/tee0", "The way to the hypervisor, for root and for members of the group trivisor."},
}};

} // namespace

void define_commands(CLI::App& app, Action& action) {
    app.description("trivisorctl: creates and controls the VMs of a Trivisor machine from its host.");
    app.name(program);
    app.set_version_flag("--version", std::string{program} + " " + TRIVISOR_VERSION, "Show the version and exit");
    app.require_subcommand(0, 1);
    for (const auto add : {add_create, add_run, add_monitor_commands, add_destroy, add_console, add_top, add_serve,
                           add_devices, add_plug, add_disk, add_backend, add_help}) {
        add(app, action);
    }
}

std::string manual_page(const CLI::App& app) {
    return tool::command_line::manual_page(
        app, {.made_by = "trivisorctl help --man",
              .call = program,
              .date = "2026-11-28",
              .version = TRIVISOR_VERSION,
              .purpose = "create and control the VMs of a Trivisor machine from its host",
              .description =
                  "A file describes VMs in tables [vm.NAME], with the keys of machine descriptions: memory, vcpus, "
                  "cpus, kernel, rootfs, cmdline, firmware, variables, disk, net, share, vsock, rng, io, weight, cap, "
                  "on_reboot, on_crash and tee. Paths are relative to the file. Without kernel, a VM boots from its "
                  "disk, or gets the host's own kernel. create takes VMs in and loads them: they are listed, and wait "
                  "for start. They outlive this program and the host's restart. stop ends a "
                  "VM and keeps it for the next start; destroy ends and forgets it. The VMs of run end with run.",
              .exit_codes = exit_codes,
              .files = files,
              .see_also = "trivisor-vm@.service, and docs/guide/vms-from-the-host.md of Trivisor's sources."});
}

std::string completion_script(const CLI::App& app, std::string_view shell) {
    return tool::command_line::completion_script(app, shell,
                                                 {.made_by = "trivisorctl help --completion", .calls = program});
}

int run_command(int count, const char* const* arguments, const consoles::Connect& connect) {
    CLI::App app;
    Action action;
    define_commands(app, action);
    if (const auto ended = tool::command_line::parse(app, count, arguments)) {
        return *ended;
    }
    if (!action) {
        fmt::print(stderr, "{}", app.help());
        return tool::usage_exit_code;
    }
    tool::end_children_with_us();
    return tool::command_line::carry_out(program, [&] { return action(connect); });
}

} // namespace trv::host::commands

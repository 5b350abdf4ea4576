// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/serve/vm_service.hpp"
#include "host/vms/description.hpp"
#include "tool/machine/values/spelling.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <memory>

namespace trv::host::commands {

namespace {

struct Written {
    std::string file{};
    std::string vm{};
    bool start = false;
    bool replace = false;
};

tool::Result<int> serve(const consoles::Connect& connect, const Written& written) {
    auto service_manager = serve::ServiceManager::take_from_environment();
    const auto vms = TRY(vms::read_vms(written.file, !service_manager.kept().empty()));
    const auto vm = std::ranges::find(vms, written.vm, &tool::machine::VmDescription::name);
    if (vm == vms.end()) {
        return tool::usage_error(written.file, "vm." + written.vm, "the file does not describe this VM",
                                 "Add the table, or name another VM: its first is " + vms.front().name + ".");
    }
    return serve::serve_vm(connect, *vm, {.start = written.start, .replace = written.replace}, service_manager);
}

} // namespace

void add_serve(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("serve", "Create a VM of a file and serve its devices: what the service "
                                                    "trivisor-vm@NAME does");
    command->add_option("FILE", written->file, "The file with the VM (TOML)")->required();
    command->add_option("VM", written->vm, "The VM")->required();
    command->add_flag("--start", written->start, "Start it, too");
    command->add_flag("--replace", written->replace,
                      "Destroy a VM of this name first whose disks no program serves, as after a crash of the host");
    command->callback([&action, written] {
        action = [written](const consoles::Connect& connect) { return serve(connect, *written); };
    });
}

} // namespace trv::host::commands

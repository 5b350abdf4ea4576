// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/commands/monitor_reply.hpp"
#include "host/devices/device_record.hpp"
#include "tool/support/text_table.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace trv::host::commands {

namespace {

namespace key = contract::monitor::key;
using nlohmann::ordered_json;

struct Written {
    std::string vm{};
    bool json = false;
};

/// Of the VMs that exist: a host that crashed leaves records of others.
tool::Result<int> show_devices(const consoles::Connect& connect, const Written& written) {
    auto manager = TRY(connect());
    if (!written.vm.empty()) {
        (void)TRY(index_of(manager, written.vm));
    }
    const auto list = TRY(ask(manager, contract::monitor::Command::List));
    ordered_json vms = ordered_json::array();
    tool::TextTable table{{"VM", "DEVICE", "BACKEND", "SERVES", "I/O", "PLUGGED", "IN THE VM"}};
    for (const auto& vm : list.value(key::vms, ordered_json::array())) {
        const std::string name = vm.value(key::vm, "");
        if (!written.vm.empty() && name != written.vm) {
            continue;
        }
        auto devices = devices::recorded_devices(name);
        const std::string io = vm.value(key::io, "pool"); // what of the VM's memory its backends see
        for (const auto& device : devices) {
            table.add({name, device.value("device", ""), device.value("backend", ""), device.value("serves", ""), io,
                       device.value("plugged", true) ? "yes" : "no", device.value("in_vm", "")});
        }
        vms.push_back({{"vm", name}, {"io", io}, {"devices", std::move(devices)}});
    }
    fmt::print("{}", written.json ? ordered_json{{"vms", std::move(vms)}}.dump(2) + "\n" : table.text());
    return 0;
}

} // namespace

void add_devices(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command =
        app.add_subcommand("devices", "Show the disks, networks and shares of VMs, and what serves them");
    command->add_option("VM", written->vm, "The VM (default: all)");
    command->add_flag("--json", written->json, "Print them as JSON");
    command->callback([&action, written] {
        action = [written](const consoles::Connect& connect) { return show_devices(connect, *written); };
    });
}

} // namespace trv::host::commands

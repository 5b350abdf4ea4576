// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/commands/monitor_reply.hpp"
#include "host/devices/plug_socket.hpp"
#include "tool/console/printable.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace trv::host::commands {

namespace {

using devices::Change;

struct Written {
    std::string vm{};
    std::string device{};
};

tool::Result<int> change(const consoles::Connect& connect, const Written& written, Change change) {
    auto manager = TRY(connect());
    (void)TRY(index_of(manager, written.vm));
    if (!contract::is_label(written.device)) {
        return tool::usage_error("VM " + written.vm, written.device, "is not the name of a device",
                                 fmt::format("Run trivisorctl devices {} for the names.", written.vm));
    }
    if (auto changed = devices::ask_for_change(written.vm, written.device, change); !changed) {
        using tool::console::printable; // the words are another program's
        tool::Error& error = changed.error();
        error.place = printable(error.place);
        error.what = printable(error.what);
        error.hint = printable(error.hint);
        return std::unexpected(std::move(error));
    }
    for (const auto& device : devices::recorded_devices(written.vm)) {
        if (change == Change::Plug && device.value("device", "") == written.device) {
            fmt::print("{} is plugged. A Linux that runs in the VM finds it by: echo {} "
                       ">/sys/bus/platform/drivers/virtio-mmio/bind\n",
                       written.device, device.value("in_vm", ""));
        }
    }
    return 0;
}

void add(CLI::App& app, Action& action, const char* name, const char* help, Change how) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("VM", written->vm, "The VM")->required();
    command->add_option("DEVICE", written->device, "The device, as `devices` names it: disk1")->required();
    command->callback([&action, written, how] {
        action = [written, how](const consoles::Connect& connect) { return change(connect, *written, how); };
    });
}

} // namespace

void add_plug(CLI::App& app, Action& action) {
    add(app, action, "plug", "Give a VM a device that its file describes, and that it does not have", Change::Plug);
    add(app, action, "unplug", "Take a device of a VM away, which no driver uses; what serves it ends", Change::Unplug);
}

} // namespace trv::host::commands

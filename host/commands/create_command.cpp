// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/commands/monitor_reply.hpp"
#include "host/serve/vm_service.hpp"
#include "host/vms/description.hpp"
#include "host/vms/new_vm.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace trv::host::commands {

namespace {

struct Written {
    std::string file{};
    bool start = false;
    bool json = false;
};

/// A VM with devices or variables needs a program that serves it, which makes it, too. @return its index
tool::Result<unsigned> create_one(manager::Manager& manager, const tool::machine::VmDescription& vm,
                                  const Written& written) {
    if (vm.is_served()) {
        std::error_code problem;
        TRY(serve::start_service(vm, std::filesystem::absolute(written.file, problem), written.start));
        return index_of(manager, vm.name);
    }
    const auto made = TRY(vms::make_vm(manager, vm, TRY(vms::read_images(vm)), {}));
    if (written.start) {
        TRY(manager.start(vm.name, made));
    }
    return made.index;
}

tool::Result<int> create(const consoles::Connect& connect, const Written& written) {
    const auto descriptions = TRY(vms::read_vms(written.file));
    auto manager = TRY(connect());
    nlohmann::ordered_json created = nlohmann::ordered_json::array();
    for (const auto& vm : descriptions) {
        const unsigned index = TRY(create_one(manager, vm, written));
        created.push_back({{"vm", vm.name}, {"index", index}, {"started", written.start}});
        if (!written.json) {
            fmt::print("{}: {}\n", vm.name, written.start ? "started" : "created");
        }
    }
    if (written.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"vms", std::move(created)}}.dump(2));
    }
    return 0;
}

} // namespace

void add_create(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("create", "Take the VMs of a file in and load them; `start` starts them");
    command->add_option("FILE", written->file, "The file with the VMs (TOML)")->required();
    command->add_flag("--start", written->start, "Start them, too");
    command->add_flag("--json", written->json, "Print what was created as JSON");
    command->callback([&action, written] {
        action = [written](const consoles::Connect& connect) { return create(connect, *written); };
    });
}

} // namespace trv::host::commands

// SPDX-License-Identifier: Apache-2.0
#include "host/serve/vm_service.hpp"

#include "contract/monitor.hpp"
#include "host/devices/boot_disk.hpp"
#include "host/devices/plug_socket.hpp"
#include "host/devices/variables/kept_variables.hpp"
#include "host/devices/vm_devices.hpp"
#include "host/serve/backend_keeper.hpp"
#include "host/serve/privileges.hpp"
#include "host/vms/new_vm.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/eventfd.h>

#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>

namespace trv::host::serve {

namespace {

using tool::Result;
using tool::machine::VmDescription;

/// What systemd keeps: the memory of a VM's devices, "bank.HANDLE.INDEX", and for each of them that of its requests,
/// "flight.SLOT"; of a VM without devices, a descriptor that has no other use than its name, "vm.HANDLE.INDEX".
constexpr std::string_view bank_name = "bank.";
constexpr std::string_view vm_name = "vm.";
constexpr std::string_view flight_name = "flight.";

std::string name_for(std::string_view first, const manager::NewVm& vm) {
    return fmt::format("{}{}.{}", first, vm.handle, vm.index);
}

/// The numbers behind a name's first part, with dots between; none if it is another name.
std::vector<std::uint64_t> numbers_in(std::string_view name, std::string_view first) {
    std::vector<std::uint64_t> numbers;
    if (!name.starts_with(first)) {
        return numbers;
    }
    std::istringstream words{std::string{name.substr(first.size())}};
    for (std::string word; std::getline(words, word, '.');) {
        std::uint64_t number = 0;
        std::from_chars(word.data(), word.data() + word.size(), number);
        numbers.push_back(number);
    }
    return numbers;
}

/// What systemd has kept of a program that was killed; nothing if this is the first.
struct Found {
    std::optional<manager::NewVm> vm{};
    std::optional<devices::Bank> bank{}; ///< of a VM with devices
    std::map<unsigned, vhost::InFlight> in_flight{};
};
Result<Found> find_kept(ServiceManager& service_manager, contract::Io io) {
    Found found;
    for (auto& kept : service_manager.kept()) {
        if (const auto bank = numbers_in(kept.name, bank_name); bank.size() == 2) {
            found.vm = manager::NewVm{.handle = bank[0], .index = static_cast<unsigned>(bank[1])};
            found.bank.emplace(TRY(devices::Bank::adopt(std::move(kept.descriptor), io)));
        } else if (const auto vm = numbers_in(kept.name, vm_name); vm.size() == 2) {
            found.vm = manager::NewVm{.handle = vm[0], .index = static_cast<unsigned>(vm[1])};
        } else if (const auto flight = numbers_in(kept.name, flight_name); flight.size() == 1) {
            found.in_flight[static_cast<unsigned>(flight[0])] = TRY(vhost::adopt_in_flight(std::move(kept.descriptor)));
        }
    }
    return found;
}

/// What serves a VM, prepared while this program is root's.
struct Service {
    devices::Household household{};
    std::vector<devices::BackendPlan> plans{};
    std::optional<std::string> variables{}; ///< what their file has; nothing without one
    std::optional<BackendKeeper> keeper{};
    std::unique_ptr<devices::PlugSocket> plugs{};
};
Result<Service> prepare(const VmDescription& description, const ServiceManager& service_manager) {
    Service service;
    TRY(devices::PlugSocket::expect_none(description.name)); // whose files the keeper would remove with its own
    service.household = TRY(devices::household_of(description.name, service_manager.service()));
    service.plans = devices::plans_for(description, service.household);
    std::optional<devices::VariablesFile> variables;
    if (!description.variables.empty()) {
        variables = TRY(devices::VariablesFile::open(description.variables, description.variables_place));
        service.variables = TRY(variables->content());
    }
    service.keeper.emplace(TRY(BackendKeeper::start(service.plans, service.household, std::move(variables))));
    service.plugs = TRY(devices::PlugSocket::listen(description.name)); // after the keeper, which has no part of it
    service.household.records.clear();                                  // the keeper has it
    service.household.keep = [&service_manager](unsigned slot, int memory) {
        const auto name = fmt::format("{}{}", flight_name, slot);
        return memory < 0 ? service_manager.drop(name) : service_manager.keep(memory, name);
    };
    return service;
}

/// A VM with devices cannot go on when the memory that it shared with what serves them is gone.
Result<void> end_vm(manager::Manager& manager, const std::string& name) {
    const auto list = TRY(manager.monitor(name_of(contract::monitor::Command::List)));
    for (const auto& vm : list.value(contract::monitor::key::vms, nlohmann::ordered_json::array())) {
        if (vm.value(contract::monitor::key::vm, "") == name) {
            (void)TRY(manager.monitor(fmt::format("{} {}", name_of(contract::monitor::Command::Destroy), name)));
            return manager.forget(name);
        }
    }
    return {};
}

/// What the service may do; the programs that serve its devices are services of their own.
constexpr auto properties = std::to_array<const char*>({
    "Restart=on-abnormal",
    "RestartSec=100ms",
    "StartLimitIntervalSec=0", // what systemd keeps, and so the VM's devices, would be lost with the last start
    "FileDescriptorStoreMax=16",
    "TimeoutStartSec=5min",
    "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_SETGID CAP_SETUID",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "NoNewPrivileges=yes",
    "PrivateNetwork=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RestrictAddressFamilies=AF_UNIX",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
});

/// What serves a VM that exists. The first to be told of its end says so.
struct Server {
    std::unique_ptr<devices::DeviceServer> devices{};    ///< none without devices
    std::unique_ptr<devices::KeptVariables> variables{}; ///< none without a file for them

    [[nodiscard]] bool ended() const { return (devices && devices->ended()) || (variables && variables->ended()); }
};

Result<std::unique_ptr<devices::KeptVariables>>
keep_variables(const manager::Manager& manager, const VmDescription& description, const manager::NewVm& vm,
               const Service& service, devices::KeptVariables::Saved saved, tool::EventLoop& loop) {
    if (!service.variables) {
        return nullptr;
    }
    const auto save = [&service](std::string_view content) { return service.keeper->save_variables(content); };
    return devices::KeptVariables::start(TRY(manager.variables(description.name, vm)), save, saved, loop);
}

/// Makes the VM, and what serves it.
Result<Server> make(manager::Manager& manager, const VmDescription& description, const vms::Images& images,
                    Service& service, bool start, const ServiceManager& service_manager, tool::EventLoop& loop,
                    const devices::ServedDevice::Cancelled& cancelled) {
    const auto vm = TRY(vms::make_vm(manager, description, images, {}));
    auto server = [&]() -> Result<Server> {
        Server made;
        if (service.variables) {
            TRY(TRY(manager.variables(description.name, vm)).write(*service.variables));
        }
        if (description.has_devices()) {
            auto bank = TRY(devices::bank_for(description, service.plans));
            made.devices =
                TRY(devices::DeviceServer::create(TRY(manager.devices(description.name, vm)), service.household,
                                                  std::move(service.plans), std::move(bank), loop, cancelled));
            TRY(service_manager.keep(made.devices->bank().file(), name_for(bank_name, vm)));
        } else {
            const tool::FileDescriptor named{::eventfd(0, EFD_CLOEXEC)};
            TRY(service_manager.keep(named.get(), name_for(vm_name, vm)));
        }
        made.variables =
            TRY(keep_variables(manager, description, vm, service, devices::KeptVariables::Saved::Everything, loop));
        if (start) {
            TRY(manager.start(description.name, vm));
        }
        return made;
    }();
    if (!server) {
        (void)manager.forget(description.name); // without what serves it, it is of no use
    }
    return server;
}

/// The same for a VM that another program served.
Result<Server> take_over(const manager::Manager& manager, const VmDescription& description, Found found,
                         Service& service, tool::EventLoop& loop) {
    Server taken;
    if (found.bank) {
        taken.devices = TRY(devices::DeviceServer::take_over(
            TRY(manager.devices(description.name, *found.vm)), service.household, std::move(service.plans),
            {.bank = *std::move(found.bank), .in_flight = std::move(found.in_flight)}, loop));
    }
    taken.variables =
        TRY(keep_variables(manager, description, *found.vm, service, devices::KeptVariables::Saved::Unknown, loop));
    return taken;
}

Result<void> make_only(manager::Manager& manager, const VmDescription& description, bool start) {
    const auto vm = TRY(vms::make_vm(manager, description, TRY(vms::read_images(description)), {}));
    return start ? manager.start(description.name, vm) : Result<void>{};
}

Result<int> serve(const consoles::Connect& connect, const VmDescription& description, const ServeOptions& options,
                  ServiceManager& service_manager) {
    auto signals = TRY(tool::SignalWatch::create());
    auto found = TRY(find_kept(service_manager, description.io));
    // As root: the files of the description, and the processes that start others.
    Service service = TRY(prepare(description, service_manager));
    service.household.backend = [&service](unsigned slot, const devices::BackendPlan&, tool::EventLoop&) {
        return service.keeper->backend(slot);
    };
    auto images =
        found.vm ? vms::Images{} : TRY(vms::read_images(description, {.take_boot_files = devices::take_boot_files}));
    auto manager = TRY(connect());
    TRY(give_up_root());
    tool::EventLoop loop;
    bool open = true;
    const auto interrupt = loop.on_signal(signals, [&open](int) { open = false; });
    Server server;
    if (found.vm) {
        server = TRY(take_over(manager, description, std::move(found), service, loop));
    } else {
        if (options.replace) {
            TRY(end_vm(manager, description.name));
        }
        server = TRY(make(manager, description, images, service, options.start, service_manager, loop,
                          [&signals] { return signals.has_come(); }));
        images = {}; // the hypervisor has them
    }
    const auto plugs = std::move(service.plugs);
    plugs->serve(loop, [&](std::string_view device, devices::Change change, devices::Answer answer) {
        if (server.devices) {
            server.devices->change(device, change, std::move(answer));
        } else {
            answer(tool::failure("VM " + description.name, "has no devices"));
        }
    });
    TRY(service_manager.ready());
    while (open && !server.ended()) {
        TRY(loop.step());
    }
    if (!open) {
        TRY(end_vm(manager, description.name)); // when the last variables are saved
    }
    return 0;
}

} // namespace

Result<int> serve_vm(const consoles::Connect& connect, const VmDescription& description, const ServeOptions& options,
                     ServiceManager& service_manager) {
    if (description.is_served()) {
        return serve(connect, description, options, service_manager);
    }
    auto manager = TRY(connect());
    TRY(make_only(manager, description, options.start));
    TRY(service_manager.ready());
    return 0;
}

Result<void> start_service(const VmDescription& description, const std::filesystem::path& file, bool start) {
    const std::string place = "VM " + description.name;
    if (!devices::runs_systemd()) {
        return tool::failure(place,
                             "has devices or variables for a service of systemd, and the host runs without systemd",
                             "Use `trivisorctl run`, which serves them itself.");
    }
    const std::string unit = fmt::format("trivisor-vm-{}.service", description.name);
    std::vector<std::string> arguments{"systemd-run", "--quiet", "--collect", "--unit", unit, "--service-type=notify"};
    for (const char* property : properties) {
        arguments.push_back(fmt::format("--property={}", property));
    }
    arguments.push_back(
        fmt::format("--property=ExecStopPost=-/bin/sh -c 'test \"$SERVICE_RESULT\" = success || exec systemctl "
                    "--quiet stop \"{}\"'",
                    devices::backend_unit(description.name, "*")));
    arguments.push_back(fmt::format("--description=Trivisor VM {}", description.name));
    arguments.push_back("--setenv=TRIVISOR_SERVICE=" + unit);
    arguments.insert(arguments.end(), {devices::this_program(), "serve", file, description.name});
    if (start) {
        arguments.emplace_back("--start");
    }
    const auto status = TRY(tool::run_process({.arguments = arguments}));
    if (!status.good()) {
        (void)tool::run_process(
            {.arguments = {"journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=10", "--unit", unit}});
        return tool::failure(place, "it was not made", "What its service said comes before this message.");
    }
    return {};
}

} // namespace trv::host::serve

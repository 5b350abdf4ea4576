// SPDX-License-Identifier: Apache-2.0
#include "host/devices/device_server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace trv::host::devices {

namespace {

/// How long the end of a server may take.
constexpr std::uint32_t wait_ms = 500;

} // namespace

DeviceServer::DeviceServer(manager::Devices devices, Household household, Bank bank)
    : devices_{std::move(devices)}, household_{std::move(household)}, bank_{std::move(bank)},
      news_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

/// First the thread that kicks devices, then these, all at once: an orderly end may take a while.
DeviceServer::~DeviceServer() {
    stop_ = true;
    if (watch_.joinable()) {
        watch_.join();
    }
    for (const auto& device : served_) {
        device->stop();
    }
    for (auto& device : served_) {
        device.reset(); // its thread uses what is below served_
    }
}

Result<void> DeviceServer::begin(std::vector<BackendPlan> plans, std::map<unsigned, vhost::InFlight> in_flight,
                                 const Begin& begin_plugged) {
    if (!household_.records.empty()) {
        record_ = TRY(DeviceRecord::write(household_.vm, plans, household_.records));
    }
    for (unsigned slot = 0; slot < plans.size(); ++slot) {
        const bool plugged = plans[slot].plugged;
        names_.push_back(plans[slot].name);
        served_.push_back(std::make_unique<DeviceThread>(slot, std::move(plans[slot]), household_, devices_, bank_,
                                                         std::move(in_flight[slot])));
        if (plugged) {
            TRY(begin_plugged(slot, *served_.back()));
        } else {
            served_.back()->leave_out();
        }
    }
    return {};
}

Result<std::unique_ptr<DeviceServer>> DeviceServer::create(manager::Devices devices, Household household,
                                                           std::vector<BackendPlan> plans, Bank bank,
                                                           tool::EventLoop& loop,
                                                           const ServedDevice::Cancelled& cancelled) {
    std::unique_ptr<DeviceServer> server{new DeviceServer{std::move(devices), std::move(household), std::move(bank)}};
    std::map<unsigned, contract::virtio::Device> found; // what the VM is to find, by slots
    TRY(server->begin(std::move(plans), {}, [&](unsigned slot, DeviceThread& device) -> Result<void> {
        found[slot] = TRY(device.begin(cancelled));
        return {};
    }));
    server->loan_ = TRY(server->devices_.lend(server->bank_.memory(), server->bank_.io()));
    for (const auto& [slot, device] : found) {
        TRY(server->devices_.put(slot, device));
    }
    TRY(server->serve(loop));
    return server;
}

Result<std::unique_ptr<DeviceServer>> DeviceServer::take_over(manager::Devices devices, Household household,
                                                              std::vector<BackendPlan> plans, Remains remains,
                                                              tool::EventLoop& loop) {
    std::unique_ptr<DeviceServer> server{
        new DeviceServer{std::move(devices), std::move(household), std::move(remains.bank)}};
    // What was plugged and unplugged before, the hypervisor knows.
    for (unsigned slot = 0; slot < plans.size(); ++slot) {
        plans[slot].plugged = TRY(server->devices_.state(slot)).id != 0;
    }
    TRY(server->begin(std::move(plans), std::move(remains.in_flight), [](unsigned, DeviceThread& device) {
        device.resume();
        return Result<void>{};
    }));
    server->loan_ = TRY(server->devices_.lend(server->bank_.memory(), server->bank_.io()));
    TRY(server->serve(loop));
    return server;
}

/// From here on, all but the ends of threads is theirs. Drivers may have come far already.
Result<void> DeviceServer::serve(tool::EventLoop& loop) {
    if (!news_) {
        return tool::system_failure("VM " + devices_.name(), "its devices cannot be served");
    }
    source_ = loop.on_input(news_.get(), [this] { return take_end(); });
    for (const auto& device : served_) {
        device->follow_driver();
        device->run([this] { return lend_again(); }, [this](const tool::Error& error) { end(std::unexpected(error)); });
    }
    watch_ = std::thread{[this] { watch(); }};
    return {};
}

/// In its thread: waits for drivers, and passes their kicks on at once.
void DeviceServer::watch() {
    while (!stop_) {
        const auto events = devices_.events(wait_ms);
        if (!events || !*events) {
            end(events ? Result<void>{} : std::unexpected(events.error()));
            return;
        }
        for (unsigned slot = 0; slot < served_.size(); ++slot) {
            const auto& event = (**events)[slot];
            served_[slot]->kick(event.kicks);
            if ((event.changes & ~contract::virtio::changed_config) != 0) { // no device has any use for that
                served_[slot]->follow_driver();
            }
        }
    }
}

void DeviceServer::change(std::string_view device, Change change, Answer answer) {
    const std::string place = "VM " + devices_.name();
    const auto named = std::ranges::find(names_, device);
    if (named == names_.end()) {
        answer(tool::failure(place, fmt::format("has no device '{}'", device),
                             fmt::format("Its file describes {}.", fmt::join(names_, ", "))));
        return;
    }
    const auto slot = static_cast<unsigned>(named - names_.begin());
    const auto shared = std::make_shared<Answer>(std::move(answer));
    const bool taken = served_[slot]->change(change, [this, slot, change, shared](const Result<void>& how) {
        if (how) {
            mark(slot, change == Change::Plug);
        }
        (*shared)(how);
    });
    if (!taken) {
        (*shared)(tool::failure(fmt::format("{}: {}", place, device), "is being plugged or unplugged at this moment",
                                "Try again when trivisorctl devices shows how that went."));
    }
}

void DeviceServer::mark(unsigned slot, bool plugged) {
    const std::scoped_lock lock{mutex_};
    if (const auto marked = record_.mark(slot, plugged); !marked) {
        fmt::print(stderr, "{}\n", to_string(marked.error()));
    }
}

/// Of any thread.
void DeviceServer::end(Result<void> how) {
    {
        const std::scoped_lock lock{mutex_};
        if (!end_) {
            end_ = std::move(how);
        }
    }
    (void)::eventfd_write(news_.get(), 1);
}

Result<void> DeviceServer::take_end() {
    source_ = {};
    ended_ = true;
    const std::scoped_lock lock{mutex_};
    return *end_;
}

/// Of a device's thread. The hypervisor takes the memory back when a device does not let go of it in time, and the VM waits
/// where it touches it.
Result<void> DeviceServer::lend_again() {
    for (unsigned slot = 0; slot < served_.size(); ++slot) {
        if (TRY(devices_.state(slot)).stopping != 0) {
            return {}; // this follows when it has let go
        }
    }
    return devices_.lend_again(loan_);
}

} // namespace trv::host::devices

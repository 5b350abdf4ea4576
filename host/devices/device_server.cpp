// SPDX-License-Identifier: Apache-2.0
#include "host/devices/device_server.hpp"

#include <sys/eventfd.h>

#include <utility>

namespace trv::host::devices {

namespace {

/// How long the end of a server may take.
constexpr std::uint32_t wait_ms = 500;

} // namespace

DeviceServer::DeviceServer(manager::Devices devices, Household household, Bank bank)
    : devices_{std::move(devices)}, household_{std::move(household)}, bank_{std::move(bank)},
      news_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

DeviceServer::~DeviceServer() {
    stop_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

Result<void> DeviceServer::begin(std::vector<BackendPlan> plans, std::map<unsigned, vhost::InFlight> in_flight,
                                 tool::EventLoop& loop) {
    if (!household_.records.empty()) {
        record_ = TRY(DeviceRecord::write(household_.vm, plans, household_.records));
    }
    for (unsigned slot = 0; slot < plans.size(); ++slot) {
        served_.push_back(std::make_unique<ServedDevice>(slot, std::move(plans[slot]), household_, devices_, bank_,
                                                         loop, std::move(in_flight[slot])));
        TRY(served_.back()->begin());
    }
    return {};
}

Result<std::unique_ptr<DeviceServer>> DeviceServer::create(manager::Devices devices, Household household,
                                                           std::vector<BackendPlan> plans, tool::EventLoop& loop) {
    auto bank = TRY(Bank::create(bank_size(plans)));
    std::unique_ptr<DeviceServer> server{new DeviceServer{std::move(devices), std::move(household), std::move(bank)}};
    TRY(server->begin(std::move(plans), {}, loop));
    server->loan_ = TRY(server->devices_.lend(server->bank_.memory()));
    for (unsigned slot = 0; slot < server->served_.size(); ++slot) {
        TRY(server->devices_.put(slot, TRY(server->served_[slot]->describe())));
    }
    TRY(server->serve(loop));
    return server;
}

Result<std::unique_ptr<DeviceServer>> DeviceServer::take_over(manager::Devices devices, Household household,
                                                              std::vector<BackendPlan> plans, Remains remains,
                                                              tool::EventLoop& loop) {
    std::unique_ptr<DeviceServer> server{
        new DeviceServer{std::move(devices), std::move(household), std::move(remains.bank)}};
    TRY(server->begin(std::move(plans), std::move(remains.in_flight), loop));
    server->loan_ = TRY(server->devices_.lend(server->bank_.memory()));
    for (const auto& device : server->served_) {
        TRY(device->follow_driver());
    }
    TRY(server->serve(loop));
    return server;
}

Result<void> DeviceServer::serve(tool::EventLoop& loop) {
    if (!news_) {
        return tool::system_failure("VM " + devices_.name(), "its devices cannot be served");
    }
    source_ = loop.on_input(news_.get(), [this] { return take_changes(); });
    thread_ = std::thread{[this] { watch(); }};
    return {};
}

/// In the thread: waits for drivers, and passes their kicks on at once.
void DeviceServer::watch() {
    while (!stop_) {
        const auto events = devices_.events(wait_ms);
        if (!events || !*events) {
            failure_ = events ? Result<void>{} : std::unexpected(events.error());
            gone_ = true;
            report(0);
            return;
        }
        std::uint32_t changed = 0;
        for (unsigned slot = 0; slot < served_.size(); ++slot) {
            const auto& event = (**events)[slot];
            served_[slot]->kick(event.kicks);
            changed |= event.changes != 0 ? 1U << slot : 0;
        }
        if (changed != 0) {
            report(changed);
        }
    }
}

void DeviceServer::report(std::uint32_t changed) {
    changed_ |= changed;
    (void)::eventfd_write(news_.get(), 1);
}

Result<void> DeviceServer::take_changes() {
    eventfd_t count = 0;
    (void)::eventfd_read(news_.get(), &count);
    const std::uint32_t changed = changed_.exchange(0);
    for (unsigned slot = 0; slot < served_.size(); ++slot) {
        if ((changed >> slot & 1) != 0) {
            TRY(served_[slot]->follow_driver());
        }
    }
    if (changed != 0) {
        TRY(lend_again());
    }
    if (gone_) {
        ended_ = true;
        source_ = {};
        return failure_;
    }
    return {};
}

/// The hypervisor takes the memory back when a device does not let go of it in time, and the VM waits where it touches it.
Result<void> DeviceServer::lend_again() {
    for (unsigned slot = 0; slot < served_.size(); ++slot) {
        if (TRY(devices_.state(slot)).stopping != 0) {
            return {}; // its turn comes, and this follows
        }
    }
    return devices_.lend_again(*loan_);
}

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/device_record.hpp"
#include "host/devices/served_device.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace trv::host::devices {

/// Serves the devices of a VM: as long as this object exists, and its EventLoop makes steps.
class DeviceServer {
  public:
    /// Starts the backends, lends the VM its bank, and gives it its devices. The VM has not started yet.
    /// @param loop  outlives the result
    [[nodiscard]] static Result<std::unique_ptr<DeviceServer>>
    create(manager::Devices devices, Household household, std::vector<BackendPlan> plans, tool::EventLoop& loop);
    /// What is left of a program that served a VM and was killed.
    struct Remains {
        Bank bank;
        std::map<unsigned, vhost::InFlight> in_flight{}; ///< of slots
    };
    /// The same for a VM that another program served.
    [[nodiscard]] static Result<std::unique_ptr<DeviceServer>> take_over(manager::Devices devices, Household household,
                                                                         std::vector<BackendPlan> plans,
                                                                         Remains remains, tool::EventLoop& loop);
    DeviceServer(const DeviceServer&) = delete;
    DeviceServer& operator=(const DeviceServer&) = delete;
    ~DeviceServer();

    /// The VM has been forgotten: nothing is left to serve.
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const Bank& bank() const { return bank_; }

  private:
    DeviceServer(manager::Devices devices, Household household, Bank bank);
    [[nodiscard]] Result<void> begin(std::vector<BackendPlan> plans, std::map<unsigned, vhost::InFlight> in_flight,
                                     tool::EventLoop& loop);
    [[nodiscard]] Result<void> serve(tool::EventLoop& loop);
    void watch();
    void report(std::uint32_t changed);
    [[nodiscard]] Result<void> take_changes();
    [[nodiscard]] Result<void> lend_again();

    manager::Devices devices_;
    Household household_;
    Bank bank_;
    std::unique_ptr<manager::RegisteredMemory> loan_; ///< ends before the bank
    std::vector<std::unique_ptr<ServedDevice>> served_;
    DeviceRecord record_;

    // Of the thread that waits for the drivers, for the one of the EventLoop.
    std::atomic<std::uint32_t> changed_ = 0; ///< slots whose driver did more than kick
    Result<void> failure_{};                 ///< written before gone_
    std::atomic<bool> gone_ = false;         ///< the thread has ended
    tool::FileDescriptor news_;              ///< an eventfd: one of these has changed
    std::atomic<bool> stop_ = false;
    std::thread thread_;
    tool::EventLoop::Source source_;
    bool ended_ = false;
};

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/device_record.hpp"
#include "host/devices/device_thread.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace trv::host::devices {

/// Serves the devices of a VM as long as this object exists: a thread waits for drivers, and each device has one of its own.
class DeviceServer {
  public:
    /// Starts the backends, lends the VM its bank, and gives it its devices. The VM has not started yet.
    /// @param loop       gets the error that ends the server; outlives the result
    /// @param cancelled  whether it is not to wait for backends any more
    [[nodiscard]] static Result<std::unique_ptr<DeviceServer>> create(manager::Devices devices, Household household,
                                                                      std::vector<BackendPlan> plans, Bank bank,
                                                                      tool::EventLoop& loop,
                                                                      const ServedDevice::Cancelled& cancelled);
    /// What is left of a program that served a VM and was killed.
    struct Remains {
        Bank bank;
        std::map<unsigned, vhost::InFlight> in_flight{}; ///< of slots
    };
    /// The same for a VM that another program served. It does not wait for backends: the VM's requests do.
    [[nodiscard]] static Result<std::unique_ptr<DeviceServer>> take_over(manager::Devices devices, Household household,
                                                                         std::vector<BackendPlan> plans,
                                                                         Remains remains, tool::EventLoop& loop);
    DeviceServer(const DeviceServer&) = delete;
    DeviceServer& operator=(const DeviceServer&) = delete;
    ~DeviceServer();

    /// Plugs or unplugs the device of this name. The answer comes from another thread, or at once; if the server ends first,
    /// the answer is destroyed instead. Any thread.
    void change(std::string_view device, Change change, Answer answer);

    /// The VM has been forgotten: nothing is left to serve.
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const Bank& bank() const { return bank_; }

  private:
    DeviceServer(manager::Devices devices, Household household, Bank bank);
    using Begin = std::function<Result<void>(unsigned slot, DeviceThread& device)>;
    /// Makes the devices, and starts the backends of those that are plugged.
    [[nodiscard]] Result<void> begin(std::vector<BackendPlan> plans, std::map<unsigned, vhost::InFlight> in_flight,
                                     const Begin& begin_plugged);
    void mark(unsigned slot, bool plugged);
    [[nodiscard]] Result<void> serve(tool::EventLoop& loop);
    void watch();
    void end(Result<void> how);
    [[nodiscard]] Result<void> take_end();
    [[nodiscard]] Result<void> lend_again();

    manager::Devices devices_;
    Household household_;
    Bank bank_;
    manager::Loan loan_;                                ///< ends before the bank
    std::vector<std::string> names_;                    ///< of devices, by their slots
    std::vector<std::unique_ptr<DeviceThread>> served_; ///< by their slots; the threads use what is above
    DeviceRecord record_;                               ///< under mutex_ from serve() on

    tool::FileDescriptor news_; ///< an eventfd: there is an end
    std::mutex mutex_;
    std::optional<Result<void>> end_{}; ///< under mutex_: the first that a thread reported
    std::atomic<bool> stop_ = false;
    std::thread watch_; ///< waits for drivers
    tool::EventLoop::Source source_;
    bool ended_ = false;
};

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/served_device.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace trv::host::devices {

/// What may be asked of a device while its VM runs.
enum class Change { Plug, Unplug };
/// Gets how it went.
using Answer = std::function<void(const Result<void>& how)>;

/// One device of a VM and the thread that serves it, so that its backend, whatever it does, keeps nothing from the VM's other
/// devices. Once the thread runs, the device, its backend and its EventLoop are the thread's alone: others leave word in eventfds.
class DeviceThread {
  public:
    /// @param bank, household  outlive this object
    /// @param in_flight  of the program that served the device before; usually none
    DeviceThread(unsigned slot, BackendPlan plan, const Household& household, manager::Devices devices,
                 const Bank& bank, vhost::InFlight in_flight);
    DeviceThread(const DeviceThread&) = delete;
    DeviceThread& operator=(const DeviceThread&) = delete;
    /// Ends the thread, and with it the device.
    ~DeviceThread();

    /// Starts the backend. @return what the VM is to find. Before run().
    [[nodiscard]] Result<contract::virtio::Device> begin(const ServedDevice::Cancelled& cancelled);
    /// The VM has the device already. Before run(), instead of begin().
    void resume() { device_->resume(); }
    /// The VM does not have the device yet. Before run(), instead of begin().
    void leave_out() { device_->leave_out(); }
    /// @param followed  called by the thread after it has followed the driver
    /// @param failed    called by it once, if the device cannot be served any more
    void run(std::function<Result<void>()> followed, std::function<void(const tool::Error&)> failed);
    /// Passes on which queues the driver has filled. Any thread, before stop().
    void kick(std::uint32_t queues) const { device_->kick(queues); }
    /// Lets the thread follow the driver to where it is. Any thread.
    void follow_driver() const;
    /// Lets the thread plug or unplug the device, and answer then. Any thread.
    /// @return false: it does so for another already
    [[nodiscard]] bool change(Change change, Answer answer);
    /// Lets the thread end. Any thread.
    void stop();

  private:
    struct Asked {
        Change change{};
        Answer answer{};
    };
    void carry_out();
    [[nodiscard]] Result<void> take_news();
    void serve(const std::function<void(const tool::Error&)>& failed);

    tool::EventLoop loop_;
    std::optional<ServedDevice>
        device_;                     ///< ends in the thread, as the programs do that a thread has started [prctl(2)]
    tool::FileDescriptor news_;      ///< an eventfd
    std::atomic<bool> stop_ = false; ///< written before news_
    std::mutex mutex_;
    std::optional<Asked> asked_{}; ///< under mutex_: until it has been carried out
    std::function<Result<void>()> followed_{};
    std::thread thread_;
};

} // namespace trv::host::devices

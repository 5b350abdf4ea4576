// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_process.hpp"
#include "host/devices/backend/backoff.hpp"
#include "host/devices/bank.hpp"
#include "host/manager/devices.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trv::host::devices {

/// One device of a VM: connects its driver, which the hypervisor knows, with its backend. Both may begin anew at any time.
///
/// | the driver | the backend | |
/// | --- | --- | --- |
/// | is ready | answers | the backend works |
/// | is ready | has ended | the next one gets the same queues and the requests in flight, and goes on |
/// | was reset | works | the connection ends; the reset is over when the backend has taken the next one |
class ServedDevice {
  public:
    /// @param bank, loop, household  outlive this object
    /// @param in_flight  of the program that served the device before; usually none
    ServedDevice(unsigned slot, BackendPlan plan, const Household& household, manager::Devices devices,
                 const Bank& bank, tool::EventLoop& loop, vhost::InFlight in_flight);
    ServedDevice(const ServedDevice&) = delete;
    ServedDevice& operator=(const ServedDevice&) = delete;

    /// Whether what needs time is not to go on.
    using Cancelled = std::function<bool()>;
    /// Starts the backend and waits for its first answers. @return what the VM is to find
    [[nodiscard]] Result<contract::virtio::Device> begin(const Cancelled& cancelled);
    /// The VM has the device from another program: starts the backend, for which the driver waits as long as need be.
    void resume();
    /// The VM does not have the device: ends what another program may have left of it.
    void leave_out() { end_backend(); }

    /// Starts the backend, and gives the VM the device.
    [[nodiscard]] Result<void> plug(const Cancelled& cancelled);
    /// Takes the device away, if no driver of the VM uses it, and ends the backend.
    [[nodiscard]] Result<void> unplug();

    /// Follows the driver to where it is.
    [[nodiscard]] Result<void> follow_driver();
    /// Passes on which queues the driver has filled. Another thread may call it.
    void kick(std::uint32_t queues) const;

  private:
    [[nodiscard]] std::string place() const;
    [[nodiscard]] Result<void> await_backend(const vhost::Patience& patience);
    [[nodiscard]] Result<contract::virtio::Device> describe(const vhost::Patience& patience);
    void end_backend();
    [[nodiscard]] Result<bool> connect(const vhost::Patience& patience = {});
    [[nodiscard]] Result<void> retry();
    void lose(const tool::Error& error);
    [[nodiscard]] Result<void> work();
    [[nodiscard]] std::vector<vhost::Queue> queues_of(const contract::virtio::State& state) const;
    [[nodiscard]] Result<void> try_work(const contract::virtio::State& state);
    [[nodiscard]] Result<void> release();
    [[nodiscard]] Result<void> pass_call();

    unsigned slot_;
    BackendPlan plan_;
    const Household& household_;
    manager::Devices devices_;
    const Bank& bank_;
    tool::EventLoop& loop_;
    std::unique_ptr<Backend> process_;
    std::vector<tool::FileDescriptor> kicks_; ///< eventfds, one for each queue
    tool::FileDescriptor call_;               ///< one for all of them, as their device has one interrupt
    tool::EventLoop::Source call_source_;
    std::optional<vhost::Frontend> frontend_;
    tool::EventLoop::Source gone_; ///< the backend of frontend_
    tool::Deadline again_;
    Backoff backoff_;                                     ///< of connections
    std::chrono::steady_clock::time_point connects_at_{}; ///< the last connection, or the attempt
    tool::EventLoop::Source retry_;
    vhost::InFlight in_flight_;
    bool works_ = false;      ///< the driver is ready, and the backend is to work
    bool is_plugged_ = false; ///< the VM has the device; otherwise it has no backend
};

} // namespace trv::host::devices

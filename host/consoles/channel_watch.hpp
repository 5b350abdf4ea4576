// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/manager/manager.hpp"
#include "tool/support/file_descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace trv::host::consoles {

/// Opens a session of the manager.
using Connect = std::function<tool::Result<manager::Manager>()>;

/// Waits for the output of channels in a thread of its own, so that an EventLoop can wait for other things at the same
/// time. The session is the one that reads the channels: they belong to it alone.
class ChannelWatch {
  public:
    /// @param channels  a bit for each
    [[nodiscard]] static tool::Result<std::unique_ptr<ChannelWatch>> start(const manager::Manager& manager,
                                                                           std::uint64_t channels);
    ChannelWatch(const ChannelWatch&) = delete;
    ChannelWatch& operator=(const ChannelWatch&) = delete;
    ~ChannelWatch();

    /// For an EventLoop: readable when a channel has output.
    [[nodiscard]] int descriptor() const { return ready_.get(); }

    /// The channels that have output. The caller reads them, and calls next() for those that follow.
    /// @return an error if the manager cannot be asked any more
    [[nodiscard]] tool::Result<std::uint64_t> take();
    void next();

  private:
    ChannelWatch(manager::Waiter waiter, std::uint64_t channels, tool::FileDescriptor ready, tool::FileDescriptor taken)
        : waiter_{std::move(waiter)}, channels_{channels}, ready_{std::move(ready)}, taken_{std::move(taken)} {}
    void watch();

    manager::Waiter waiter_; ///< the thread's
    std::uint64_t channels_;
    tool::FileDescriptor ready_; ///< counters of eventfd(2): the thread has something …
    tool::FileDescriptor taken_; ///< … and goes on
    tool::Result<std::uint64_t> found_{0};
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

} // namespace trv::host::consoles

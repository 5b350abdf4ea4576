// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend_process.hpp"
#include "tool/support/file_descriptor.hpp"

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace trv::host::serve {

using tool::Result;

/// To the process; the threads of a VM's devices ask one after the other.
struct KeeperChannel {
    tool::FileDescriptor socket{};
    std::mutex mutex{}; ///< held from a question to its answer
};

/// Starts the programs that serve a VM's devices, and ends them, for a program that gives up the right to do so: a process that
/// knows before which programs these are, and is told numbers afterwards.
class BackendKeeper {
  public:
    /// Starts the process. This program has no other thread yet.
    [[nodiscard]] static Result<BackendKeeper> start(const std::vector<devices::BackendPlan>& plans,
                                                     const devices::Household& household);
    BackendKeeper(BackendKeeper&& other) noexcept
        : channel_{std::move(other.channel_)}, places_{std::move(other.places_)},
          process_{std::exchange(other.process_, -1)} {}
    BackendKeeper& operator=(BackendKeeper&&) = delete;
    /// Ends the programs in order.
    ~BackendKeeper();

    /// The program of the device in a slot. Threads may have one each.
    [[nodiscard]] std::unique_ptr<devices::Backend> backend(unsigned slot) const;

  private:
    BackendKeeper(std::shared_ptr<KeeperChannel> channel, std::vector<std::string> places, pid_t process)
        : channel_{std::move(channel)}, places_{std::move(places)}, process_{process} {}

    std::shared_ptr<KeeperChannel> channel_;
    std::vector<std::string> places_; ///< of errors, by slots
    pid_t process_ = -1;              ///< -1 if moved from
};

} // namespace trv::host::serve

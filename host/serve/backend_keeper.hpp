// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_process.hpp"
#include "host/devices/variables/variables_file.hpp"
#include "tool/support/file_descriptor.hpp"

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::host::serve {

using tool::Result;

/// To the process; the threads of a VM's devices ask one after the other.
struct KeeperChannel {
    KeeperChannel() = default;
    KeeperChannel(const KeeperChannel&) = delete;
    KeeperChannel& operator=(const KeeperChannel&) = delete;
    ~KeeperChannel();

    tool::FileDescriptor socket{};
    std::span<char> variables{}; ///< memory of both, for their content; empty: there are none
    std::mutex mutex{};          ///< held from a question to its answer
};

/// Starts the programs that serve a VM's devices, and ends them, and saves what its firmware keeps, for a program that gives
/// up the right to do so: a process that knows before which programs and which file these are, and is told numbers and the
/// file's content afterwards.
class BackendKeeper {
  public:
    /// Starts the process. This program has no other thread yet.
    [[nodiscard]] static Result<BackendKeeper> start(const std::vector<devices::BackendPlan>& plans,
                                                     const devices::Household& household,
                                                     std::optional<devices::VariablesFile> variables = {});
    BackendKeeper(BackendKeeper&& other) noexcept
        : channel_{std::move(other.channel_)}, places_{std::move(other.places_)},
          process_{std::exchange(other.process_, -1)} {}
    BackendKeeper& operator=(BackendKeeper&&) = delete;
    /// Ends the programs in order.
    ~BackendKeeper();

    /// The program of the device in a slot. Threads may have one each.
    [[nodiscard]] std::unique_ptr<devices::Backend> backend(unsigned slot) const;
    /// Replaces what is in the file. A thread may do so as well.
    [[nodiscard]] Result<void> save_variables(std::string_view content) const;

  private:
    BackendKeeper(std::shared_ptr<KeeperChannel> channel, std::vector<std::string> places, pid_t process)
        : channel_{std::move(channel)}, places_{std::move(places)}, process_{process} {}

    std::shared_ptr<KeeperChannel> channel_;
    std::vector<std::string> places_; ///< of errors, by slots
    pid_t process_ = -1;              ///< -1 if moved from
};

} // namespace trv::host::serve

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend_plan.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/process/process.hpp"

#include <optional>
#include <string>

namespace trv::host::devices {

/// The user of all backends that systemd runs; the package makes it.
inline constexpr const char* backend_user = "trivisor-io";

/// Makes that user the owner of a file or folder.
/// @param served  what its programs serve, for the message
/// @return whether the host has the user
[[nodiscard]] Result<bool> give_to_backends(const std::filesystem::path& path, const std::string& served,
                                            std::string hint);

/// Where a backend runs.
struct Household {
    std::string vm{};                ///< its name
    std::filesystem::path folder{};  ///< for sockets, the VM's own
    std::filesystem::path records{}; ///< the folder for a DeviceRecord; empty: none
    bool sandboxed = false;          ///< each backend is a service of systemd's, which sees nothing but its files
    std::string service{};           ///< with whose end those end; empty: none
    /// Keeps the memory for requests in flight of the device in a slot, should this program be killed; -1: not any more.
    std::function<Result<void>(unsigned slot, int memory)> keep = [](unsigned, int) { return Result<void>{}; };
};

/// The program that serves a device. It is started again whenever it ends.
class BackendProcess {
  public:
    /// @param loop  outlives this object
    BackendProcess(const BackendPlan& plan, const Household& household, tool::EventLoop& loop);
    BackendProcess(const BackendProcess&) = delete;
    BackendProcess& operator=(const BackendProcess&) = delete;
    ~BackendProcess();

    /// Starts it, in the place of one that another program left.
    [[nodiscard]] Result<void> start();
    /// It has answered: should it end, the next one may start without a delay.
    void has_served() { delay_ = 0; }
    /// Ends it at once; it starts again soon.
    void kill();
    [[nodiscard]] bool runs() { return process_ && !process_->wait_for(std::chrono::milliseconds{0}); }

  private:
    void end_service(const char* how);
    void on_end();

    const BackendPlan& plan_;
    std::string unit_; ///< of systemd; empty: a child of this program
    std::vector<std::string> arguments_;
    tool::EventLoop& loop_;
    std::optional<tool::Process> process_;
    tool::EventLoop::Source ended_;
    tool::Deadline again_;
    tool::EventLoop::Source restart_;
    double delay_ = 0; ///< before the last start
};

/// The arguments of systemd-run for a service that only sees its files [systemd.exec(5)].
[[nodiscard]] std::vector<std::string> sandboxed(const BackendPlan& plan, const Household& household,
                                                 const std::string& unit);

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend.hpp"
#include "host/devices/backend/backend_plan.hpp"
#include "host/devices/backend/backoff.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/process/process.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
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

/// Whether this host has systemd, and so sandboxes.
[[nodiscard]] bool runs_systemd();

/// The error that the host has no such user.
[[nodiscard]] std::unexpected<tool::Error> no_backend_user(const std::string& vm);

/// Where a backend runs.
struct Household {
    std::string vm{};                ///< its name
    std::filesystem::path folder{};  ///< for sockets, the VM's own
    bool sandboxed = false;          ///< each backend is a service of systemd's, which sees nothing but its files
    std::filesystem::path records{}; ///< the folder for a DeviceRecord; empty: none
    std::string service{};           ///< of this program, whose journal has what backends say; empty: none
    /// Keeps the memory for requests in flight of the device in a slot, should this program be killed; -1: not any more.
    std::function<Result<void>(unsigned slot, int memory)> keep = [](unsigned, int) { return Result<void>{}; };
    /// Makes the backend of the device in a slot; empty: this program starts it. The plan and the loop outlive it.
    std::function<std::unique_ptr<Backend>(unsigned slot, const BackendPlan& plan, tool::EventLoop& loop)> backend{};
};

/// The service of systemd's in which a program serves a VM. The names of VMs have no colon: those of one VM's services match
/// `backend_unit(vm, "*")`, and no other VM's do.
[[nodiscard]] std::string backend_unit(std::string_view vm, std::string_view program);

/// Which socket is at a path: file systems use numbers of inodes again, and only who makes one sets the time of its last change.
struct SocketFile {
    std::uint64_t inode = 0;
    std::int64_t made_ns = 0;

    bool operator==(const SocketFile&) const = default;
};

/// A backend that this program starts.
class BackendProcess final : public Backend {
  public:
    /// @param plan, household, loop  outlive this object
    BackendProcess(const BackendPlan& plan, const Household& household, tool::EventLoop& loop);
    ~BackendProcess() override;

    [[nodiscard]] Result<void> start() override;
    void resume() override;
    void has_served() override { serves_since_ = std::chrono::steady_clock::now(); }
    void kill() override;
    void stop(Ending ending) override;
    [[nodiscard]] bool runs() override { return process_ && !process_->wait_for(std::chrono::milliseconds{0}); }

  private:
    [[nodiscard]] Result<void> launch();
    /// @return whether systemd did so, or knows of no such service any more
    [[nodiscard]] bool end_service(std::vector<std::string> how);
    void on_end();
    void look_at_sockets();

    const BackendPlan& plan_;
    const Household& household_;
    std::string unit_; ///< of systemd; empty: a child of this program
    tool::EventLoop& loop_;
    std::optional<tool::Process> process_;
    tool::EventLoop::Source ended_;
    tool::Deadline again_;
    tool::EventLoop::Source restart_;
    std::map<std::filesystem::path, SocketFile> sockets_; ///< those of the plan's files, as the process has them
    tool::Deadline look_;
    tool::EventLoop::Source looks_;
    Backoff backoff_;
    std::optional<std::chrono::steady_clock::time_point> serves_since_; ///< of this process; none: it has not answered
};

/// The arguments of systemd-run for a service that only sees its files, as they are now [systemd.exec(5)].
[[nodiscard]] std::vector<std::string> sandboxed(const BackendPlan& plan, const Household& household,
                                                 const std::string& unit);

} // namespace trv::host::devices

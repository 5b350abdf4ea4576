// SPDX-License-Identifier: Apache-2.0
#pragma once
// What programs of the host get from the hypervisor: the manager's commands [contract/manager.hpp]. Not in every image:
// option MANAGER.

#include "console/output_listener.hpp"
#include "management/host_devices.hpp"
#include "management/host_events.hpp"
#include "management/host_sessions.hpp"
#include "management/host_vms.hpp"
#include "management/host_waits.hpp"
#include "sync/spinlock.hpp"

#include <expected>
#include <optional>

namespace trv::management {

class HostService final : public tee::manager::Service, public console::OutputListener {
  public:
    using TeeResult = tee::manager::TeeResult;
    using SessionId = tee::manager::SessionId;
    using Invocation = tee::manager::Invocation;

    /// Neither may be destroyed before it. @param hardware that VMs are checked against
    HostService(vm::Manager& manager, const machine::Machine& hardware);
    HostService(const HostService&) = delete;
    HostService& operator=(const HostService&) = delete;

    void begin(tee::manager::Notifier& notifier, unsigned most_waits) override;
    void end(tee::manager::Notifier& notifier) override EXCLUDES(lock_);
    [[nodiscard]] TeeResult open(SessionId& session) override EXCLUDES(lock_);
    void close(SessionId session) override EXCLUDES(lock_);
    [[nodiscard]] tee::manager::Outcome invoke(Invocation& invocation, bool can_wait) override EXCLUDES(lock_);

    void end_loan(u64 name) override;
    void end_loans() override;

    void on_output(unsigned channel) override { waits_.signal(bit_of(channel)); }
    void on_event(std::string_view line) override;

  private:
    /// Of a VM that the host made.
    struct Ownership {
        vm::VmHandle vm{};
        SessionId owner{};                   ///< 0: the VM outlives the session that made it
        std::array<SessionId, 2> channels{}; ///< who reads and writes its console, and its agent's port
        SessionId server{};                  ///< who serves its devices
    };

    [[nodiscard]] TeeResult hello(Invocation& invocation) const;
    [[nodiscard]] TeeResult monitor(Invocation& invocation) const;
    [[nodiscard]] TeeResult create(Invocation& invocation) EXCLUDES(lock_);
    [[nodiscard]] tee::manager::Outcome wait(Invocation& invocation, bool can_wait) EXCLUDES(lock_);
    /// Begins a wait, unless there is something. @return nothing if it does not wait
    template <typename IsReady>
    [[nodiscard]] std::optional<tee::manager::Outcome> begin_wait(const Invocation& invocation, ChannelBits channels,
                                                                  u64 milliseconds, IsReady is_ready) EXCLUDES(lock_);
    /// The commands for devices.
    [[nodiscard]] tee::manager::Outcome serve(Invocation& invocation, bool can_wait) EXCLUDES(lock_);
    [[nodiscard]] tee::manager::Outcome events(Invocation& invocation, unsigned vm, bool can_wait) EXCLUDES(lock_);
    /// The session serves the VM from now on. @return its number; Busy if another one does, ItemNotFound
    [[nodiscard]] std::expected<unsigned, TeeResult> claim_devices(SessionId session, vm::VmHandle vm) EXCLUDES(lock_);
    [[nodiscard]] TeeResult read(Invocation& invocation) EXCLUDES(lock_);
    [[nodiscard]] TeeResult read_events(Invocation& invocation) EXCLUDES(lock_);
    [[nodiscard]] TeeResult write(Invocation& invocation) EXCLUDES(lock_);

    [[nodiscard]] bool is_open(SessionId session) EXCLUDES(lock_);
    /// Of those channels, which have something for the session.
    [[nodiscard]] ChannelBits ready(SessionId session, ChannelBits channels) EXCLUDES(lock_);
    /// Those of them that no other session has.
    [[nodiscard]] ChannelBits reachable(SessionId session, ChannelBits channels) EXCLUDES(lock_);
    /// Whether the VM belongs to another session.
    [[nodiscard]] bool is_others(SessionId session, vm::VmHandle vm) EXCLUDES(lock_);
    /// A VM's channel becomes the session's. @return Busy if it is another's, ItemNotFound without such a channel
    [[nodiscard]] TeeResult claim(SessionId session, u64 channel) EXCLUDES(lock_);
    [[nodiscard]] SessionId& user_of(unsigned channel) REQUIRES(lock_);
    /// Calls use(console::HostLine&). @return false if there is none
    template <typename Use>
    [[nodiscard]] bool with_line(unsigned channel, Use use) {
        return manager_.with_belongings(contract::vm_of(channel), [&](vm::Belongings& belongings) {
            use(contract::is_agent(channel) ? *belongings.agent : *belongings.console);
        });
    }

    vm::Manager& manager_;
    HostWaits waits_;
    HostDevices devices_;
    HostVms vms_;
    HostEvents events_;
    SpinLock lock_; ///< of the others only the events' is taken under it
    HostSessions sessions_ GUARDED_BY(lock_);
    std::array<Ownership, max_vms> owned_ GUARDED_BY(lock_){}; ///< by the VM's number
};

} // namespace trv::management

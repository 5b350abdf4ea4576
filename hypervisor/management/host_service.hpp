// SPDX-License-Identifier: Apache-2.0
#pragma once
// What programs of the host get from the hypervisor: the manager's commands [contract/manager.hpp]. Not in every image:
// option MANAGER.

#include "console/output_listener.hpp"
#include "management/host_claims.hpp"
#include "management/host_devices.hpp"
#include "management/host_events.hpp"
#include "management/host_variables.hpp"
#include "management/host_vms.hpp"
#include "management/host_waits.hpp"

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
    void end(tee::manager::Notifier& notifier) override;
    [[nodiscard]] TeeResult open(SessionId& session) override;
    void close(SessionId session) override;
    [[nodiscard]] tee::manager::Outcome invoke(Invocation& invocation, bool can_wait) override;

    void end_loan(u64 name) override;
    void end_loans() override;

    void on_output(unsigned channel) override { waits_.signal(bit_of(channel)); }
    void on_event(std::string_view line) override;

  private:
    [[nodiscard]] TeeResult hello(Invocation& invocation) const;
    [[nodiscard]] TeeResult monitor(Invocation& invocation) const;
    [[nodiscard]] TeeResult create(Invocation& invocation);
    [[nodiscard]] tee::manager::Outcome wait(Invocation& invocation, bool can_wait);
    /// Begins a wait, unless there is something. @return nothing if it does not wait
    template <typename IsReady>
    [[nodiscard]] std::optional<tee::manager::Outcome> begin_wait(const Invocation& invocation, ChannelBits channels,
                                                                  u64 milliseconds, IsReady is_ready);
    /// The commands for devices.
    [[nodiscard]] tee::manager::Outcome serve(Invocation& invocation, bool can_wait);
    [[nodiscard]] tee::manager::Outcome events(Invocation& invocation, unsigned vm, bool can_wait);
    /// Those for variables.
    [[nodiscard]] TeeResult variables(Invocation& invocation);
    [[nodiscard]] TeeResult read(Invocation& invocation);
    [[nodiscard]] TeeResult read_events(Invocation& invocation);
    [[nodiscard]] TeeResult write(Invocation& invocation);

    /// Of those channels, which have something for the session.
    [[nodiscard]] ChannelBits ready(SessionId session, ChannelBits channels);
    /// A VM's channel becomes the session's. @return Busy if it is another's, ItemNotFound without such a channel
    [[nodiscard]] TeeResult claim(SessionId session, u64 channel);
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
    HostVariables variables_;
    HostEvents events_;
    HostClaims claims_;
};

} // namespace trv::management

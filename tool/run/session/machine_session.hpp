// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/hypervisor_event.hpp"
#include "tool/run/session/vm_session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trv::tool::run {

/// A line for one channel of the machine.
struct Outgoing {
    unsigned channel;
    std::string text;
};

/// Tracks all VMs of a machine through a run. It is independent of files, processes and time: its input is events, its
/// output lines.
class MachineSession {
  public:
    explicit MachineSession(std::vector<VmPlan> plans);

    void on_event(const HypervisorEvent& event);

    /// @param vm  index of the VM; one that does not exist is ignored
    void on_agent_line(unsigned vm, const std::string& line, double seconds);

    /// A line of a VM's console.
    void on_console_line(unsigned vm, const std::string& line);

    /// A VM's kernel said that it panics, or a VM was reset, and nothing has followed yet.
    [[nodiscard]] bool unsettled() const;
    /// Nothing followed in time: takes what is known of such VMs for their end.
    void settle();

    /// Every command has ended: shuts down every VM with an agent, and the machine when no such VM is left.
    void power_off();

    /// The shut-down took too long: requests that the hypervisor powers off the machine immediately.
    void force_off();

    void on_machine_gone();

    /// Removes and returns the lines to send, in order.
    [[nodiscard]] std::vector<Outgoing> take_outgoing();

    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] bool work_ended() const;
    [[nodiscard]] bool all_good() const;
    /// Why the machine powered off, once reported.
    [[nodiscard]] const std::optional<std::string>& off_reason() const { return off_reason_; }
    [[nodiscard]] const std::string& version() const { return version_; }
    /// The image's options, as in its event.
    [[nodiscard]] const std::string& options() const { return options_; }
    [[nodiscard]] std::uint64_t image_bytes() const { return image_bytes_; }
    [[nodiscard]] const std::vector<VmSession>& vms() const { return vms_; }

  private:
    [[nodiscard]] VmSession* find(const std::string& name);
    void send_to_agent(unsigned vm, std::optional<std::string> line);
    void end_machine_without_agents();

    std::vector<VmSession> vms_;
    std::vector<Outgoing> outgoing_;
    bool ready_ = false;
    bool powering_off_ = false;
    bool forced_ = false;
    std::optional<std::string> off_reason_;
    std::string version_;
    std::string options_;
    std::uint64_t image_bytes_ = 0;
};

} // namespace trv::tool::run

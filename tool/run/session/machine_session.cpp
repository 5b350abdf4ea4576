// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/machine_session.hpp"

#include "contract/channels.hpp"
#include "contract/monitor.hpp"

#include <algorithm>
#include <utility>

namespace trv::tool::run {

MachineSession::MachineSession(std::vector<VmPlan> plans) {
    for (auto& plan : plans) {
        vms_.emplace_back(std::move(plan));
    }
}

VmSession* MachineSession::find(const std::string& name) {
    const auto found = std::ranges::find(vms_, name, [](const VmSession& vm) { return vm.plan().name; });
    return found == vms_.end() ? nullptr : &*found;
}

void MachineSession::on_event(const HypervisorEvent& event) {
    using Kind = contract::Event;
    if (event.kind == Kind::MachineReady) {
        ready_ = true;
        version_ = event.version;
        options_ = event.options;
        image_bytes_ = event.image_bytes;
        return;
    }
    if (event.kind == Kind::MachineOff) {
        off_reason_ = event.reason;
        return;
    }
    VmSession* vm = find(event.vm);
    if (vm == nullptr) {
        return;
    }
    if (event.kind == Kind::VmRunning) {
        vm->on_running(event.ns);
    } else if (event.kind == Kind::VmRefused) {
        vm->on_refused(event.reason);
    } else if (event.kind == Kind::VmStopped) {
        vm->on_stopped(event.reason, event.detail);
    }
    end_machine_without_agents();
}

void MachineSession::on_agent_line(unsigned vm, const std::string& line, double seconds) {
    const auto reply = parse_agent_reply(line);
    if (vm < vms_.size() && reply) {
        send_to_agent(vm, vms_[vm].on_agent(*reply, seconds));
    }
}

void MachineSession::on_console_line(unsigned vm, const std::string& line) {
    if (vm < vms_.size()) {
        vms_[vm].on_console(line);
        end_machine_without_agents();
    }
}

bool MachineSession::unsettled() const {
    return std::ranges::any_of(vms_, &VmSession::unsettled);
}

void MachineSession::settle() {
    for (auto& vm : vms_) {
        vm.settle();
    }
    end_machine_without_agents();
}

void MachineSession::power_off() {
    if (std::exchange(powering_off_, true)) {
        return;
    }
    for (unsigned vm = 0; vm < vms_.size(); ++vm) {
        send_to_agent(vm, vms_[vm].power_off());
    }
    end_machine_without_agents();
}

void MachineSession::force_off() {
    if (!std::exchange(forced_, true)) {
        outgoing_.push_back({.channel = contract::event_channel,
                             .text = std::string{name_of(contract::monitor::Command::PowerOff)} + "\n"});
    }
}

/// A VM without an agent cannot be asked to shut down, nor one whose kernel panicked; when only such VMs are left, the
/// hypervisor ends them.
void MachineSession::end_machine_without_agents() {
    const auto needs_waiting = [](const VmSession& vm) {
        return vm.plan().has_agent && !vm.given_up() && vm.state() != VmSession::State::Stopped;
    };
    if (powering_off_ && std::ranges::none_of(vms_, needs_waiting)) {
        force_off();
    }
}

void MachineSession::on_machine_gone() {
    for (auto& vm : vms_) {
        vm.on_machine_gone();
    }
}

std::vector<Outgoing> MachineSession::take_outgoing() {
    return std::exchange(outgoing_, {});
}

bool MachineSession::work_ended() const {
    return std::ranges::all_of(vms_, &VmSession::work_ended);
}

bool MachineSession::all_good() const {
    return std::ranges::all_of(vms_, &VmSession::all_good);
}

void MachineSession::send_to_agent(unsigned vm, std::optional<std::string> line) {
    if (line) {
        outgoing_.push_back({.channel = contract::agent_channel(vm), .text = *std::move(line)});
    }
}

} // namespace trv::tool::run

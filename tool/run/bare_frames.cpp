// SPDX-License-Identifier: Apache-2.0
#include "tool/run/bare_frames.hpp"

#include "contract/channels.hpp"
#include "contract/events.hpp"
#include "contract/monitor.hpp"
#include "tool/console/frames.hpp"
#include "tool/run/session/kernel_watch.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <utility>

namespace trv::tool::run {

namespace {

using contract::Event;
using contract::Member;

std::string event(Event kind, std::initializer_list<std::pair<Member, nlohmann::json>> members = {}) {
    nlohmann::json object{{name_of(Member::Event), name_of(kind)}, {name_of(Member::Ns), 0U}};
    for (const auto& [member, value] : members) {
        object[name_of(member)] = value;
    }
    return console::encode_frame(contract::event_channel, object.dump() + "\n");
}

std::string stopped(const std::string& vm, contract::StopReason reason) {
    return event(Event::VmStopped, {{Member::Vm, vm}, {Member::Reason, name_of(reason)}});
}

} // namespace

std::string BareFrames::on_start() const {
    return event(Event::MachineReady) + event(Event::VmRunning, {{Member::Vm, vm_}});
}

std::string BareFrames::on_console(std::string_view bytes) {
    std::string frames = console::encode_frame(contract::console_channel(0), bytes);
    lines_.feed(bytes);
    while (const auto line = lines_.next()) {
        if (KernelWatch::is_first_line(*line) && boots_++ > 0) {
            frames += stopped(vm_, contract::StopReason::Reboot) + event(Event::VmRunning, {{Member::Vm, vm_}});
        }
    }
    return frames;
}

std::string BareFrames::on_agent(std::string_view bytes) const {
    return console::encode_frame(contract::agent_channel(0), bytes);
}

std::string BareFrames::on_command(std::string_view command) const {
    return event(Event::Reply, {{Member::Command, std::string{command.substr(0, command.find_first_of(" \n"))}},
                                {Member::Ok, false},
                                {Member::Error, "the machine runs without the hypervisor"}});
}

std::string BareFrames::on_end() const {
    return stopped(vm_, contract::StopReason::Off) +
           event(Event::MachineOff, {{Member::Reason, name_of(contract::PowerOffReason::AllVmsStopped)}});
}

} // namespace trv::tool::run

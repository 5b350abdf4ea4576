// SPDX-License-Identifier: Apache-2.0
#pragma once
// The monitor's commands: lines on the event channel, of which each gets one `reply` event.

#include "contract/rows.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trv::contract::monitor {

enum class Command : std::uint8_t { Help, List, Stats, Pause, Resume, Reset, Destroy, Start, Log, Trace, PowerOff };

/// What stands behind a command's name.
enum class Argument : std::uint8_t {
    None,
    Vm,  ///< the name of a VM
    Own, ///< not a VM, and may be left out
};

/// Whether `trivisor vm` has the command.
enum class InTool : std::uint8_t { No, Yes, YesAboutAllVms };

struct Row {
    Command command;
    std::string_view name;
    Argument argument;
    InTool in_tool;
    std::string_view help; ///< one line: the arguments, then the effect
};

inline constexpr Row rows[] = {
    {Command::Help, "help", Argument::None, InTool::No, "lists the commands"},
    {Command::List, "list", Argument::None, InTool::YesAboutAllVms, "show the VMs and their states"},
    {Command::Stats, "stats", Argument::None, InTool::YesAboutAllVms, "show time, exits and memory of each VM and CPU"},
    {Command::Pause, "pause", Argument::Vm, InTool::Yes, "VM: stop its vCPUs and its time"},
    {Command::Resume, "resume", Argument::Vm, InTool::Yes, "VM: continue after pause"},
    {Command::Reset, "reset", Argument::Vm, InTool::Yes, "VM: restart it, as after a power cycle"},
    {Command::Destroy, "destroy", Argument::Vm, InTool::Yes, "VM: stop it and free its resources"},
    {Command::Start, "start", Argument::Vm, InTool::Yes, "VM: recreate it after it has stopped"},
    {Command::Log, "log", Argument::Own, InTool::Yes,
     "[LINES]: show the last lines of the hypervisor's log, 20 by default"},
    {Command::Trace, "trace", Argument::Own, InTool::Yes,
     "start [KIB], stop, dump: trace the CPUs; without arguments: show the status"},
    {Command::PowerOff, "poweroff", Argument::None, InTool::No, "power off the machine"},
};
static_assert(is_in_order(rows, &Row::command));

[[nodiscard]] constexpr const Row& row_of(Command command) {
    return rows[static_cast<std::size_t>(command)];
}
[[nodiscard]] constexpr std::string_view name_of(Command command) {
    return row_of(command).name;
}

inline constexpr std::size_t longest_line = 256;

/// Members of the replies.
namespace key {
// list, and each VM of stats
inline constexpr std::string_view vms = "vms";
inline constexpr std::string_view vm = "vm";
inline constexpr std::string_view index = "index"; ///< which channels are the VM's
inline constexpr std::string_view state = "state";
inline constexpr std::string_view vcpus = "vcpus";
inline constexpr std::string_view memory_bytes = "memory_bytes";
inline constexpr std::string_view weight = "weight";
inline constexpr std::string_view cap = "cap";
inline constexpr std::string_view tee = "tee";
inline constexpr std::string_view io = "io"; ///< of a VM with memory that the host lends
// stats
inline constexpr std::string_view frames = "frames"; ///< of 4 KiB
inline constexpr std::string_view pins = "pins";
inline constexpr std::string_view optee = "optee";
inline constexpr std::string_view vcpu_stats = "vcpu_stats";
inline constexpr std::string_view vcpu = "vcpu";
inline constexpr std::string_view cpu = "cpu";
inline constexpr std::string_view run_ns = "run_ns";
inline constexpr std::string_view steal_ns = "steal_ns";
inline constexpr std::string_view exits = "exits";
inline constexpr std::string_view cpus = "cpus";
inline constexpr std::string_view idle_ns = "idle_ns";
inline constexpr std::string_view free_frames = "free_frames";
inline constexpr std::string_view hypervisor_frames = "hypervisor_frames";
inline constexpr std::string_view heap_objects = "heap_objects";
inline constexpr std::string_view vmids = "vmids";
// optee of a VM of stats
inline constexpr std::string_view calls = "calls";
inline constexpr std::string_view rpcs = "rpcs";
inline constexpr std::string_view refused = "refused";
inline constexpr std::string_view sessions = "sessions";
inline constexpr std::string_view pinned_pages = "pinned_pages";
inline constexpr std::string_view buffers = "buffers";
inline constexpr std::string_view secure_ns = "secure_ns";
// log
inline constexpr std::string_view lines = "lines";
// trace
inline constexpr std::string_view on = "on";
inline constexpr std::string_view ring_records = "ring_records";
inline constexpr std::string_view written = "written";
inline constexpr std::string_view lost = "lost";
// help
inline constexpr std::string_view commands = "commands";
inline constexpr std::string_view name = "name";
inline constexpr std::string_view help = "help";
} // namespace key

} // namespace trv::contract::monitor

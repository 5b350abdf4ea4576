// SPDX-License-Identifier: Apache-2.0
#pragma once
// Events: one JSON object per line on the event channel. Each has `event`, its name, and `ns`, nanoseconds since EL2 was
// entered; the rows below say what else.

#include "contract/rows.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace trv::contract {

enum class Event : std::uint8_t {
    MachineReady,
    VmCreated,
    VmRefused,
    VmWithTee,
    VmWithoutTee,
    VmRunning,
    VmStopped,
    MachineOff,
    Dropped,
    Reply,
};

enum class Member : std::uint8_t {
    Event,
    Ns,
    EntryNs,
    Cpus,
    RamBytes,
    ImageBytes,
    Version,
    Options,
    Vm,
    Reason,
    Guest,
    Detail,
    Bytes,
    Command,
    Ok,
    Error,
};

struct MemberRow {
    Member member;
    std::string_view name;
    std::string_view meaning;
};
inline constexpr MemberRow member_rows[] = {
    {Member::Event, "event", "the event's name"},
    {Member::Ns, "ns", "nanoseconds since EL2 was entered, from the generic timer"},
    {Member::EntryNs, "entry_ns", "the counter at EL2's entry; it starts at power-on"},
    {Member::Cpus, "cpus", "physical CPUs that are online"},
    {Member::RamBytes, "ram_bytes", "the machine's memory"},
    {Member::ImageBytes, "image_bytes", "the size of the hypervisor's file"},
    {Member::Version, "version", "the hypervisor's version"},
    {Member::Options, "options", "the build options: `NAME=value`, separated by spaces"},
    {Member::Vm, "vm", "the VM's name"},
    {Member::Reason, "reason", "why; see the tables of reasons for `vm-stopped` and `machine-off`"},
    {Member::Guest, "guest", "OP-TEE's number for the VM, a new one after each reboot"},
    {Member::Detail, "detail", "what the guest did; only for a crash"},
    {Member::Bytes, "bytes", "of earlier events and replies that were dropped"},
    {Member::Command, "command", "the monitor command's name"},
    {Member::Ok, "ok", "whether it succeeded"},
    {Member::Error, "error", "why it did not; only then"},
};
[[nodiscard]] constexpr std::string_view name_of(Member member) {
    return member_rows[static_cast<unsigned>(member)].name;
}

struct EventRow {
    Event event;
    std::string_view name;
    std::span<const Member> members; ///< in their order on the wire, after `event` and `ns`
    std::string_view meaning;
};

namespace members_of {
inline constexpr Member machine_ready[] = {Member::EntryNs,    Member::Cpus,    Member::RamBytes,
                                           Member::ImageBytes, Member::Version, Member::Options};
inline constexpr Member one_vm[] = {Member::Vm};
inline constexpr Member vm_and_reason[] = {Member::Vm, Member::Reason};
inline constexpr Member vm_with_tee[] = {Member::Vm, Member::Guest};
inline constexpr Member vm_stopped[] = {Member::Vm, Member::Reason, Member::Detail};
inline constexpr Member machine_off[] = {Member::Reason};
inline constexpr Member dropped[] = {Member::Bytes};
inline constexpr Member reply[] = {Member::Command, Member::Ok, Member::Error};
} // namespace members_of

inline constexpr EventRow event_rows[] = {
    {Event::MachineReady, "machine-ready", members_of::machine_ready, "the hypervisor is about to create the VMs"},
    {Event::VmCreated, "vm-created", members_of::one_vm, "the VM has its memory and devices"},
    {Event::VmRefused, "vm-refused", members_of::vm_and_reason, "the VM cannot be created or loaded"},
    {Event::VmWithTee, "vm-with-tee", members_of::vm_with_tee, "the VM has an OP-TEE"},
    {Event::VmWithoutTee, "vm-without-tee", members_of::vm_and_reason,
     "the VM runs without the OP-TEE that it should have"},
    {Event::VmRunning, "vm-running", members_of::one_vm, "at the VM's first instruction, also after each reboot"},
    {Event::VmStopped, "vm-stopped", members_of::vm_stopped, "no vCPU of the VM runs any more"},
    {Event::MachineOff, "machine-off", members_of::machine_off, "the last event: the machine powers off"},
    {Event::Dropped, "dropped", members_of::dropped, "the UART was too slow"},
    {Event::Reply, "reply", members_of::reply, "answers a monitor command; the command's own members follow `ok`"},
};
[[nodiscard]] constexpr const EventRow& row_of(Event event) {
    return event_rows[static_cast<unsigned>(event)];
}
[[nodiscard]] constexpr std::string_view name_of(Event event) {
    return row_of(event).name;
}
[[nodiscard]] constexpr bool has_member(Event event, Member member) {
    return std::ranges::find(row_of(event).members, member) != row_of(event).members.end();
}

template <typename Reason>
struct ReasonRow {
    Reason reason;
    std::string_view name;
    std::string_view meaning;
};

/// Why a VM stopped.
enum class StopReason : std::uint8_t { Off, Reboot, Crash, Destroyed };
inline constexpr ReasonRow<StopReason> stop_reason_rows[] = {
    {StopReason::Off, "off", "the guest powered itself off"},
    {StopReason::Reboot, "reboot", "the guest, or the operator, requested a reset"},
    {StopReason::Crash, "crash", "the guest did something that the hypervisor cannot continue"},
    {StopReason::Destroyed, "destroyed", "the operator requested its destruction"},
};
[[nodiscard]] constexpr std::string_view name_of(StopReason reason) {
    return stop_reason_rows[static_cast<unsigned>(reason)].name;
}

/// Why the machine powers off.
enum class PowerOffReason : std::uint8_t { AllVmsStopped, HaltPolicy, Monitor, Panic };
inline constexpr ReasonRow<PowerOffReason> power_off_reason_rows[] = {
    {PowerOffReason::AllVmsStopped, "all-vms-stopped", "no VM is left that could run again"},
    {PowerOffReason::HaltPolicy, "halt-policy", "a VM stopped whose policy is `halt-machine`"},
    {PowerOffReason::Monitor, "monitor", "the monitor's `poweroff`"},
    {PowerOffReason::Panic, "panic", "the hypervisor cannot continue; its log says why"},
};
[[nodiscard]] constexpr std::string_view name_of(PowerOffReason reason) {
    return power_off_reason_rows[static_cast<unsigned>(reason)].name;
}

static_assert(is_in_order(member_rows, &MemberRow::member));
static_assert(is_in_order(event_rows, &EventRow::event));
static_assert(is_in_order(stop_reason_rows, &ReasonRow<StopReason>::reason));
static_assert(is_in_order(power_off_reason_rows, &ReasonRow<PowerOffReason>::reason));

} // namespace trv::contract

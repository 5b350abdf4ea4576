// SPDX-License-Identifier: Apache-2.0
#pragma once
// The manager: what the hypervisor offers to programs of the host VM. It answers as a trusted application, so that the
// stock OP-TEE driver carries its commands, says who calls, and closes the sessions of processes that are killed.

#include "contract/channels.hpp"
#include "contract/rows.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trv::contract::manager {

using Uuid = std::array<std::uint8_t, 16>; ///< in textual order

/// 6ff64511-2d4b-4494-be4a-eaca8f3a9164
inline constexpr Uuid uuid = {0x6f, 0xf6, 0x45, 0x11, 0x2d, 0x4b, 0x44, 0x94,
                              0xbe, 0x4a, 0xea, 0xca, 0x8f, 0x3a, 0x91, 0x64};
inline constexpr std::uint32_t version = 1;

/// Who may open a session: the driver computes a UUID from the caller's user or group, by RFC 9562 from the name "uid=%x"
/// or "gid=%x" (hexadecimal) in this name space. One group is allowed beside root; the machine tree has its UUID.
inline constexpr Uuid caller_name_space = {0x58, 0xac, 0x9c, 0xa0, 0x20, 0x86, 0x46, 0x83,
                                           0xa1, 0xb8, 0xec, 0x4b, 0xc0, 0x8e, 0x01, 0xb6};

enum class Command : std::uint32_t {
    Hello,
    Monitor,
    Create,
    Load,
    Start,
    Forget,
    Wait,
    Read,
    Write,
    Lend,
    TakeBack,
    Device,
    Events,
    State,
    Ring,
    Stopped,
    Config,
    ReadVariables,
    WriteVariables,
};

/// Of hello.
inline constexpr std::uint64_t has_devices = 1;   ///< lend to config; without it they are NOT_SUPPORTED
inline constexpr std::uint64_t has_variables = 2; ///< read-variables, write-variables; the same

/// Of create.
inline constexpr std::uint64_t persistent = 1; ///< the VM outlives the session; otherwise it ends with it

/// What load loads.
enum class Image : std::uint32_t { Kernel, Ramdisk };

/// Of one call; what is larger goes in several.
inline constexpr std::size_t largest_tree = 8 * 1024;
inline constexpr std::size_t largest_tree_names = 512; ///< of its properties, together
inline constexpr unsigned most_properties = 64;
inline constexpr std::size_t largest_answer = 64 * 1024;
inline constexpr std::size_t largest_piece = 1024 * 1024;
inline constexpr std::size_t largest_variables_piece = 64 * 1024;
inline constexpr std::uint32_t longest_wait_ms = 1000;
/// Of the flash in which a VM's firmware keeps its variables.
inline constexpr std::size_t variables_size = 2 * 1024 * 1024;
/// Output of a channel that was not read yet; the oldest is lost first.
inline constexpr std::size_t channel_room = 16 * 1024;
/// Among the bits of channels: the devices of a VM have events.
[[nodiscard]] constexpr std::uint64_t devices_bit(unsigned vm) {
    return std::uint64_t{1} << (64 - max_vms + vm);
}
static_assert(max_channels <= 64 - max_vms);

/// A parameter of a command [GlobalPlatform TEE Client API 4.3.7].
enum class Kind : std::uint8_t { None, ValueIn, ValueOut, ValueInOut, MemoryIn, MemoryOut };
struct Parameter {
    Kind kind = Kind::None;
    std::string_view meaning{};
};

struct Row {
    Command command;
    std::string_view name;
    std::array<Parameter, 4> parameters;
    std::string_view meaning;
};

/// A VM's handle is given once and never again; its index says which channels it has (contract/channels.hpp).
inline constexpr Row rows[] = {
    {Command::Hello,
     "hello",
     {{{Kind::ValueOut, "a: the version of this interface; b: bits of its features: 1, devices; 2, variables"},
       {Kind::ValueOut, "a: the most VMs that can be; b: the VM's own index, whose channels it does not read"}}},
     "report what the hypervisor offers"},
    {Command::Monitor,
     "monitor",
     {{{Kind::MemoryIn, "a command of the monitor, without a line end"},
       {Kind::MemoryOut, "its `reply`, a JSON object"}}},
     "run a command of the monitor"},
    {Command::Create,
     "create",
     {{{Kind::MemoryIn,
        "a flattened tree whose root has one node, `vm@N`; the addresses in `kernel` and `ramdisk` are 0"},
       {Kind::ValueInOut, "a: 1, or 0 for a VM that ends with the session; out, a: the VM's handle; b: its index"},
       {Kind::MemoryOut, "why not, as a text"}}},
     "take in the description of a VM"},
    {Command::Load,
     "load",
     {{{Kind::ValueIn, "a: the handle; b: 0, the kernel, or 1, the RAM disk; c: the offset, up to which it is loaded"},
       {Kind::MemoryIn, "the next bytes"}}},
     "load a piece of an image of a VM that was not started yet"},
    {Command::Start,
     "start",
     {{{Kind::ValueIn, "a: the handle"}, {Kind::MemoryOut, "why not, as a text"}}},
     "create the VM and start it; the monitor's `start NAME` does the same, and its `list` has the VM from create on"},
    {Command::Forget,
     "forget",
     {{{Kind::MemoryIn, "the name of a VM that does not run"}}},
     "forget a VM that a session took in, and its images"},
    {Command::Wait,
     "wait",
     {{{Kind::ValueInOut, "a: bits of channels, and bits 48 to 63 for the devices of VM 0 to 15; out, a: those of them "
                          "that have something; b: milliseconds, after which it ends in any case"}}},
     "wait for output or events"},
    {Command::Read,
     "read",
     {{{Kind::ValueInOut, "a: the channel, a VM's or the events'; out, b: bytes that were lost before these"},
       {Kind::MemoryOut, "what it has"}}},
     "take a channel's output; a VM's channel belongs to the VM's session, or to the first one that reads or "
     "writes it, until that closes"},
    {Command::Write,
     "write",
     {{{Kind::ValueInOut, "a: the channel, a VM's; out, b: the bytes that were taken"}, {Kind::MemoryIn, "the input"}}},
     "write to a channel's other end"},
    {Command::Lend,
     "lend",
     {{{Kind::ValueIn,
        "a: the handle; b: 0; of a VM with `io = \"whole\"`, the number of a piece of its memory, of 16 MiB "
        "each, the last one of what remains"},
       {Kind::MemoryIn,
        "the first page of a registered buffer, all of which is lent: a multiple of 2 MiB, at most 64 MiB"}}},
     "lend a VM that does not exist yet the memory for its devices, or all of its memory; or anew, what it lost, "
     "with the same size"},
    {Command::TakeBack,
     "take-back",
     {{{Kind::ValueIn, "a: the handle"}}},
     "end the loan, as the end of the memory's registration does: the VM's next access waits for another loan"},
    {Command::Device,
     "device",
     {{{Kind::ValueIn, "a: the handle; b: the slot"}, {Kind::MemoryIn, "a `Device`"}}},
     "put a device into an empty slot, or, with the ID 0, take one out that no driver uses"},
    {Command::Events,
     "events",
     {{{Kind::ValueInOut,
        "a: the handle; b: milliseconds, for which it waits if there is nothing; out, a: bits of slots "
        "that have something"},
       {Kind::MemoryOut, "`Events`, which are gone then"}}},
     "take what drivers did since the last time"},
    {Command::State,
     "state",
     {{{Kind::ValueIn, "a: the handle; b: the slot"}, {Kind::MemoryOut, "a `State`"}}},
     "report what the driver of a device has set up"},
    {Command::Ring,
     "ring",
     {{{Kind::ValueIn, "a: the handle; b: bits of slots whose devices used buffers; c: bits of slots whose devices "
                       "failed, and need a reset"}}},
     "interrupt the VM"},
    {Command::Stopped,
     "stopped",
     {{{Kind::ValueIn, "a: the handle; b: the slot"}}},
     "report that the device uses no memory any more: its driver's reset ends"},
    {Command::Config,
     "config",
     {{{Kind::ValueIn, "a: the handle; b: the slot"}, {Kind::MemoryIn, "all bytes of its configuration"}}},
     "change a device's configuration, and report the change to its driver"},
    {Command::ReadVariables,
     "read-variables",
     {{{Kind::ValueInOut,
        "a: the handle; b: the offset; c: how many changes the caller has kept; out, b: how many there "
        "were before this piece was read"},
       {Kind::MemoryOut, "the flash's content from there on, at most 64 KiB; none if there is no room for any"}}},
     "read what a VM's firmware has in its flash; until the session has kept all changes, or closes, the VM is not "
     "forgotten"},
    {Command::WriteVariables,
     "write-variables",
     {{{Kind::ValueIn, "a: the handle; b: the offset"}, {Kind::MemoryIn, "the content from there on, at most 64 KiB"}}},
     "fill the flash of a VM that was not started yet, or has stopped"},
};
static_assert(is_in_order(rows, &Row::command));

[[nodiscard]] constexpr const Row& row_of(Command command) {
    return rows[static_cast<std::size_t>(command)];
}

} // namespace trv::contract::manager

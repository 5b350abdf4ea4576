// SPDX-License-Identifier: Apache-2.0
#pragma once
// Devices of a VM that programs of the host serve: what the manager's commands about them carry [contract/manager.hpp],
// and where they are in the VM. docs/internals/virtio.md tells who owns what, and the flows.

#include "contract/limits.hpp"

#include <array>
#include <cstdint>

namespace trv::contract::virtio {

/// Each is a virtio-mmio device of version 2 [virtio 1.3, 4.2], or empty: a device with the ID 0.
inline constexpr unsigned slots = 16;
inline constexpr unsigned most_queues = 32;
inline constexpr std::uint32_t largest_queue = 1024; ///< entries; a power of two
inline constexpr std::size_t largest_config = 256;
inline constexpr std::uint32_t vendor = 0x56'49'52'54; ///< "TRIV"

/// Where a VM has them; slot n is n times slot_size behind the first.
inline constexpr std::uint64_t first_slot = 0x0b00'0000;
inline constexpr std::uint64_t slot_size = 0x1000;

/// The bank of memory that the host lends ends where the VM's own begins. All of its devices' DMA is there.
inline constexpr std::uint64_t bank_end = 0x4000'0000;
inline constexpr std::uint64_t bank_step = memory_step; ///< its size is a multiple of it
inline constexpr std::uint64_t largest_bank = 64 * 1024 * 1024;
/// Instead, the host may lend a VM all of its memory, which begins there, in pieces of this size, and a last one.
inline constexpr std::uint64_t whole_piece = 16 * 1024 * 1024;
inline constexpr std::uint64_t largest_whole = std::uint64_t{most_tee_pinned_pages} * 4096;
[[nodiscard]] constexpr std::uint64_t bank_base(std::uint64_t size) {
    return bank_end - size;
}

// Feature bits that are offered always, and without which the hypervisor takes no driver [virtio 1.3, 6]; the second one
// only of a VM with a bank. A program neither gives nor gets them.
inline constexpr std::uint64_t version_1 = std::uint64_t{1} << 32;
inline constexpr std::uint64_t access_platform = std::uint64_t{1} << 33;

// The device status [virtio 1.3, 2.1]
inline constexpr std::uint32_t driver_ok = 4;
inline constexpr std::uint32_t needs_reset = 64;

/// Of the command `device`.
struct Device {
    std::uint32_t id = 0;          ///< [virtio 1.3, 5]; 0: the slot becomes empty
    std::uint32_t queues = 0;      ///< 1 to most_queues
    std::uint32_t queue_size = 0;  ///< the most entries of each
    std::uint32_t config_size = 0; ///< at most largest_config
    std::uint64_t features = 0;
    std::array<std::uint8_t, largest_config> config{};
};
static_assert(sizeof(Device) == 24 + largest_config);

/// What has happened in a slot since it was asked last.
struct SlotEvents {
    std::uint32_t kicks = 0;   ///< a bit for each queue
    std::uint32_t changes = 0; ///< as below
};
inline constexpr std::uint32_t changed_status = 1; ///< the driver's status; `state` has it
inline constexpr std::uint32_t changed_reset = 2;  ///< the driver is gone: stop the queues, then say `stopped`
inline constexpr std::uint32_t changed_config = 4; ///< the driver wrote the configuration; `state` has it

/// The answer to `events`.
using Events = std::array<SlotEvents, slots>;
static_assert(sizeof(Events) == 8 * slots);

struct Queue {
    std::uint32_t size = 0;
    std::uint32_t ready = 0;       ///< 0 or 1; 1 only if all three parts lie in what is lent
    std::uint64_t descriptors = 0; ///< the VM's addresses, as the next two
    std::uint64_t driver = 0;      ///< the available ring
    std::uint64_t device = 0;      ///< the used ring
};

/// The answer to `state`.
struct State {
    std::uint32_t id = 0; ///< 0: the slot is empty
    std::uint32_t status = 0;
    std::uint32_t stopping = 0; ///< 1: from a reset on, until `stopped`
    std::uint32_t queues = 0;
    std::uint64_t features = 0; ///< that the driver accepted
    std::uint32_t config_size = 0;
    std::uint32_t reserved = 0;
    std::array<std::uint8_t, largest_config> config{};
    std::array<Queue, most_queues> queue{};
};
static_assert(sizeof(State) == 32 + largest_config + sizeof(Queue) * most_queues);

} // namespace trv::contract::virtio

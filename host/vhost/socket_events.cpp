// SPDX-License-Identifier: Apache-2.0
// Source: [virtio 1.3, 2.7], split virtqueues. This process and the driver have the same byte order: both are arm64 Linux's.
#include "host/vhost/socket_events.hpp"

#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstring>

namespace trv::host::vhost {

namespace {

constexpr std::uint32_t transport_reset = 0; // the event
constexpr std::uint16_t device_writes = 2;   // the only flag of such a buffer's descriptor
constexpr std::size_t index_at = 2;          // in both rings
constexpr std::size_t entries_at = 4;

struct Descriptor {
    std::uint64_t address;
    std::uint32_t length;
    std::uint16_t flags;
    std::uint16_t next;
};
static_assert(sizeof(Descriptor) == 16);

struct UsedEntry {
    std::uint32_t head;
    std::uint32_t written;
};
static_assert(sizeof(UsedEntry) == 8);

/// Each byte is read once: of a copy by memcpy the compiler could check one and use another.
template <typename Value>
Value fetch(const volatile char* from) {
    std::array<char, sizeof(Value)> bytes;
    for (char& byte : bytes) {
        byte = *from++;
    }
    return std::bit_cast<Value>(bytes);
}

std::atomic_ref<std::uint16_t> index_of(char* ring) {
    return std::atomic_ref{*reinterpret_cast<std::uint16_t*>(ring + index_at)};
}

std::unexpected<tool::Error> wrong() {
    return tool::failure("vsock", "the driver's buffer for events is not right");
}

} // namespace

/// The driver may change all of it at any time: each value is fetched once and checked then.
Result<void> report_lost_connections(const WorkedMemory& memory, const WorkedQueue& queue) {
    if (reinterpret_cast<std::uintptr_t>(queue.available) % 2 != 0 ||
        reinterpret_cast<std::uintptr_t>(queue.used) % 2 != 0) {
        return wrong();
    }
    // Pairs with the driver's barrier between the entry and the index.
    if (index_of(queue.available).load(std::memory_order_acquire) == queue.next) {
        return {};
    }
    const std::size_t slot = queue.next % queue.size;
    const auto head = fetch<std::uint16_t>(queue.available + entries_at + slot * sizeof(std::uint16_t));
    if (head >= queue.size) {
        return wrong();
    }
    const auto descriptor = fetch<Descriptor>(queue.descriptors + head * sizeof(Descriptor));
    const std::uint64_t offset = descriptor.address - memory.guest_address;
    if (descriptor.flags != device_writes || descriptor.length < sizeof transport_reset ||
        descriptor.address < memory.guest_address || memory.bytes.size() < sizeof transport_reset ||
        offset > memory.bytes.size() - sizeof transport_reset) {
        return wrong();
    }
    std::memcpy(memory.bytes.data() + offset, &transport_reset, sizeof transport_reset);
    const UsedEntry used{.head = head, .written = sizeof transport_reset};
    std::memcpy(queue.used + entries_at + slot * sizeof used, &used, sizeof used);
    // Pairs with the driver's barrier between the index and the entry.
    index_of(queue.used).store(static_cast<std::uint16_t>(queue.next + 1), std::memory_order_release);
    return ::eventfd_write(queue.call, 1) == 0 ? Result<void>{}
                                               : tool::system_failure("vsock", "the driver cannot be called");
}

} // namespace trv::host::vhost

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The driver's side of a split virtqueue [virtio 1.3, 2.7], on memory of this process: well-formed or not.

#include "host/vhost/queue_worker.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <utility>

namespace trv::host::vhost {

struct RequestQueue {
    static constexpr std::uint64_t guest_address = 0x3ee0'0000;
    static constexpr std::size_t memory_size = 16 * 1024;
    static constexpr std::uint16_t size = 4;
    static constexpr std::size_t available_at = 64;
    static constexpr std::size_t used_at = 128;
    static constexpr std::size_t buffer_at = 256;
    static constexpr std::uint16_t more = 1; ///< flags of descriptors
    static constexpr std::uint16_t writes = 2;

    RequestQueue() {
        bytes.fill('x');
        std::memset(bytes.data(), 0, buffer_at);
        start();
    }
    /// Nothing is available behind what was used before.
    void start() {
        next = first;
        index_of(available_at).store(first, std::memory_order_release);
        index_of(used_at).store(first, std::memory_order_release);
    }
    void describe_at(std::uint16_t index, std::uint64_t address, std::uint32_t length, std::uint16_t flags,
                     std::uint16_t following = 0) {
        put(index * 16U, address);
        put(index * 16U + 8, length);
        put(index * 16U + 12, flags);
        put(index * 16U + 14, following);
    }
    void describe(std::uint16_t index, std::size_t at, std::uint32_t length, std::uint16_t flags,
                  std::uint16_t following = 0) {
        describe_at(index, guest_address + at, length, flags, following);
    }
    /// Makes a chain available.
    void offer(std::uint16_t head) {
        put(available_at + 4 + next % size * 2U, head);
        ++next;
        index_of(available_at).store(next, std::memory_order_release);
    }
    [[nodiscard]] std::uint16_t used_index() { return index_of(used_at).load(std::memory_order_acquire); }
    /// The used ring's entry for a request, counted from 0 since start(): its chain, and how many bytes were written.
    [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> used(std::uint16_t request) const {
        const std::size_t entry = used_at + 4 + static_cast<std::uint16_t>(first + request) % size * 8U;
        return {get<std::uint32_t>(entry), get<std::uint32_t>(entry + 4)};
    }
    [[nodiscard]] std::string text(std::size_t at, std::size_t length) const { return {bytes.data() + at, length}; }
    [[nodiscard]] WorkedMemory memory() { return {.guest_address = guest_address, .bytes = bytes}; }
    [[nodiscard]] WorkedQueue queue() {
        return {.size = size,
                .next = first,
                .descriptors = bytes.data(),
                .available = bytes.data() + available_at,
                .used = bytes.data() + used_at,
                .kick = -1,
                .call = -1};
    }

    std::uint16_t first = 6; ///< the index of both rings in the beginning
    alignas(16) std::array<char, memory_size> bytes{};

  private:
    template <typename Value>
    void put(std::size_t at, Value value) {
        std::memcpy(bytes.data() + at, &value, sizeof value);
    }
    template <typename Value>
    [[nodiscard]] Value get(std::size_t at) const {
        Value value;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return value;
    }
    [[nodiscard]] std::atomic_ref<std::uint16_t> index_of(std::size_t ring) {
        return std::atomic_ref{*reinterpret_cast<std::uint16_t*>(bytes.data() + ring + 2)};
    }

    std::uint16_t next = 0;
};

} // namespace trv::host::vhost

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest's side of a virtio disk, on memory that is shared with a backend: a driver of one split virtqueue.
// Source: [virtio 2.7, 5.2].

#include "host/vhost/frontend.hpp"

#include <linux/virtio_blk.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trv::host::vhost {

/// A split virtqueue of 16 entries [virtio 2.7]; Linux' own header for it is for C alone.
inline constexpr std::uint16_t ring_size = 16;
struct Descriptor {
    std::uint64_t address;
    std::uint32_t size;
    std::uint16_t flags;
    std::uint16_t next;
};
inline constexpr std::uint16_t has_next = 1;
inline constexpr std::uint16_t is_for_device = 2;
struct AvailableRing {
    std::uint16_t flags;
    std::uint16_t index;
    std::uint16_t ring[ring_size];
};
struct UsedRing {
    std::uint16_t flags;
    std::uint16_t index;
    struct {
        std::uint32_t id;
        std::uint32_t size;
    } ring[ring_size];
};

class DiskDriver {
  public:
    static constexpr std::uint16_t queue_size = ring_size;
    static constexpr unsigned request_sectors = 8;
    static constexpr std::size_t request_bytes = request_sectors * 512;

    /// @param memory         that it shares with the device; at least 128 KiB
    /// @param guest_address  of it
    DiskDriver(std::span<char> memory, std::uint64_t guest_address)
        : memory_{memory.data()}, guest_address_{guest_address} {
        for (std::uint16_t slot = 0; slot < slots; ++slot) {
            free_.push_back(slot);
        }
    }

    [[nodiscard]] Queue queue() const {
        return {.size = queue_size,
                .descriptors = guest_address_ + descriptors_at,
                .available = guest_address_ + available_at,
                .used = guest_address_ + used_at,
                .next = used()->index};
    }

    [[nodiscard]] bool can_submit() const { return !free_.empty(); }
    [[nodiscard]] unsigned outstanding() const { return static_cast<unsigned>(slots - free_.size()); }

    /// Hands a request to the backend. @return its slot
    std::uint16_t submit(std::uint32_t type, std::uint64_t sector, std::string_view data = {}) {
        const std::uint16_t slot = free_.front();
        free_.pop_front();
        auto* header = reinterpret_cast<virtio_blk_outhdr*>(memory_ + header_at(slot));
        *header = {.type = type, .ioprio = 0, .sector = sector};
        memory_[status_at(slot)] = '\x7f';
        std::ranges::copy(data, memory_ + data_at(slot));
        const auto first = static_cast<std::uint16_t>(slot * 3);
        const bool reads = type == VIRTIO_BLK_T_IN;
        describe(first, header_at(slot), sizeof *header, has_next);
        describe(first + 1, data_at(slot), request_bytes, has_next | (reads ? is_for_device : 0));
        describe(first + 2, status_at(slot), 1, is_for_device);
        auto* ring = reinterpret_cast<volatile AvailableRing*>(memory_ + available_at);
        ring->ring[ring->index % queue_size] = first;
        std::atomic_thread_fence(std::memory_order_seq_cst);
        ring->index = static_cast<std::uint16_t>(ring->index + 1);
        return slot;
    }

    /// The slot of a request that the backend has completed, with its status; nothing if there is none.
    struct Completion {
        std::uint16_t slot;
        char status;
        std::string data;
    };
    std::optional<Completion> take() {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (used()->index == taken_) {
            return std::nullopt;
        }
        const auto slot = static_cast<std::uint16_t>(used()->ring[taken_ % queue_size].id / 3);
        taken_ = static_cast<std::uint16_t>(taken_ + 1);
        free_.push_back(slot);
        return Completion{.slot = slot,
                          .status = memory_[status_at(slot)],
                          .data = std::string{memory_ + data_at(slot), request_bytes}};
    }

  private:
    static constexpr std::uint16_t slots = queue_size / 3; ///< three descriptors each
    static constexpr std::uint64_t descriptors_at = 0;
    static constexpr std::uint64_t available_at = 4096;
    static constexpr std::uint64_t used_at = 8192;
    static std::uint64_t header_at(std::uint16_t slot) { return 12288 + slot * 64U; }
    static std::uint64_t status_at(std::uint16_t slot) { return header_at(slot) + 32; }
    static std::uint64_t data_at(std::uint16_t slot) { return 65536 + slot * request_bytes; }

    void describe(unsigned index, std::uint64_t at, std::size_t size, unsigned flags) {
        reinterpret_cast<Descriptor*>(memory_ + descriptors_at)[index] = {.address = guest_address_ + at,
                                                                          .size = static_cast<std::uint32_t>(size),
                                                                          .flags = static_cast<std::uint16_t>(flags),
                                                                          .next =
                                                                              static_cast<std::uint16_t>(index + 1)};
    }
    [[nodiscard]] const volatile UsedRing* used() const {
        return reinterpret_cast<const volatile UsedRing*>(memory_ + used_at);
    }

    char* memory_;
    std::uint64_t guest_address_;
    std::deque<std::uint16_t> free_;
    std::uint16_t taken_ = 0;
};

} // namespace trv::host::vhost

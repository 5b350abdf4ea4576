// SPDX-License-Identifier: Apache-2.0
#pragma once
// A disk, by a driver that also does what it should not: one split queue [virtio 1.3, 2.7] in the bank, one request at a
// time [virtio 1.3, 5.2.6].

#include "guests/bare/virtio/device.hpp"

#include <array>

namespace trv::bare::virtio {

inline constexpr u64 event_index = u64{1} << 29;

struct Descriptor {
    u64 address = 0;
    u32 length = 0;
    u16 flags = 0;
    u16 next = 0;
};
inline constexpr u16 has_next = 1;
inline constexpr u16 device_writes = 2;
inline constexpr u16 is_indirect = 4; ///< which the device has not offered

/// Kinds of requests.
inline constexpr u32 read_sectors = 0;
inline constexpr u32 write_sectors = 1;
inline constexpr u32 flush = 4;
inline constexpr u32 get_id = 8;
inline constexpr u32 discard = 11;
inline constexpr u32 write_zeroes = 13;

class Disk {
  public:
    static constexpr u32 queue_size = 16;
    static constexpr u64 sector_size = 512;
    static constexpr u8 no_status = 0xff; ///< of a request that is not completed

    /// In slot 0.
    constexpr Disk() = default;

    [[nodiscard]] const Device& device() const { return device_; }
    [[nodiscard]] u64 sectors() const;
    /// Where its queue is, and the pages for requests: all of them in the bank.
    [[nodiscard]] Parts parts() const;
    [[nodiscard]] u64 header() const { return place(3); }
    [[nodiscard]] u64 status_byte() const { return place(3) + 64; }
    [[nodiscard]] u64 data() const { return place(4); }
    [[nodiscard]] u64 table() const { return place(5); } ///< of indirect descriptors

    /// Resets it, clears its queue, and starts it.
    [[nodiscard]] bool start(u64 features = confined) const;

    // One step of a request each.
    void set_header(u32 kind, u64 sector) const;
    void describe(u64 table, u16 index, const Descriptor& descriptor) const;
    /// Makes a chain available; whatever `head` is. @param count by how much the index grows
    void offer(u16 head, u16 count = 1) const;
    /// @return whether the device has used something within this time
    [[nodiscard]] bool await_used(u64 milliseconds) const;
    [[nodiscard]] u8 status() const;

    /// A proper request of one page, from or to data(). @return its status, or no_status
    [[nodiscard]] u8 request(u32 kind, u64 sector) const;
    /// Starts anew, writes a page of words that `seed` tells, and reads it back. @return what went wrong; empty: nothing
    [[nodiscard]] std::string_view be_honest(u64 seed) const;

  private:
    [[nodiscard]] static u64 place(u64 page);
    [[nodiscard]] u16 used_index() const;

    Device device_{0};
};

inline constexpr Disk disk{};

} // namespace trv::bare::virtio

// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE's reserved shared memory, which no guest sees. Each call slot has its own pages there:
//
//     page 0        0    message: header and parameters, at most 224 bytes; the RPC argument right behind it
//                   2048 an RPC argument that OP-TEE requested before it read the one passed
//     pages 1 to 3       page list of the buffer that the slot is registering: up to 1025 pages
//
// OP-TEE maps it permanently in every partition, so a call maps and unmaps nothing; both sides map it cached, so no
// cache maintenance is needed.

#include "lib/types.hpp"
#include "memory/physical/direct_map.hpp"

#include <cstring>

namespace trv::tee::optee {

/// The part of the arena that belongs to one call slot.
class ArenaSlot {
  public:
    static constexpr unsigned pages = 4;
    static constexpr u64 size = pages * page_size;
    static constexpr u64 alloc_offset = 2048;
    static constexpr u64 alloc_size = page_size - alloc_offset;

    constexpr ArenaSlot() = default;
    constexpr explicit ArenaSlot(Pa base) : base_(base) {}

    [[nodiscard]] Pa message() const { return base_; }
    [[nodiscard]] Pa alloc() const { return base_ + alloc_offset; }
    [[nodiscard]] Pa list() const { return base_ + page_size; }

    /// Zeroes the pages, so that no data remains for another VM's call.
    void clear() const { std::memset(memory::direct_map(base_), 0, size); }

  private:
    Pa base_;
};

class Arena {
  public:
    constexpr Arena() = default;
    constexpr explicit Arena(PaRange range) : range_(range) {}

    [[nodiscard]] constexpr PaRange range() const { return range_; }
    [[nodiscard]] constexpr u64 slots() const { return range_.size / ArenaSlot::size; }
    /// Precondition: index < slots().
    [[nodiscard]] constexpr ArenaSlot slot(u64 index) const { return ArenaSlot(range_.base + index * ArenaSlot::size); }

  private:
    PaRange range_;
};

} // namespace trv::tee::optee

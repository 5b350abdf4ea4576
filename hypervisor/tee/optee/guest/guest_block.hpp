// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small pinned block of guest memory: the guest's argument, or its reply to an RPC.

#include "lib/log.hpp"
#include "memory/physical/direct_map.hpp"

namespace trv::tee::optee {

/// At most a page long, hence in at most two pieces. Every word is read or written by a single access, which no guest
/// can tear; a second read of a word may return another value. Does not own the pins.
class GuestBlock {
  public:
    constexpr GuestBlock() = default;
    /// @param first  its start, aligned to 8 bytes
    /// @param second the page in which it continues, if it crosses the end of first's page
    /// @param size   bytes
    constexpr GuestBlock(Pa first, Pa second, u64 size) : first_(first), second_(second), size_(size) {}

    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
    [[nodiscard]] constexpr u64 size() const { return size_; }
    /// The block after the first `offset` bytes. Precondition: offset <= size(), a multiple of 8.
    [[nodiscard]] constexpr GuestBlock behind(u64 offset) const {
        ASSERT(offset <= size_);
        const u64 room = page_size - first_.offset_in(page_size);
        if (offset >= room) {
            return {second_ + (offset - room), Pa(), size_ - offset};
        }
        return {first_ + offset, second_, size_ - offset};
    }

    /// @param offset a multiple of 8
    [[nodiscard]] u64 load(u64 offset) const { return __atomic_load_n(at<u64>(offset), __ATOMIC_RELAXED); }
    void store(u64 offset, u64 value) const { __atomic_store_n(at<u64>(offset), value, __ATOMIC_RELAXED); }
    /// @param offset a multiple of 4
    void store32(u64 offset, u32 value) const { __atomic_store_n(at<u32>(offset), value, __ATOMIC_RELAXED); }
    /// Release: a reader that sees this word sees everything stored before it.
    void publish32(u64 offset, u32 value) const { __atomic_store_n(at<u32>(offset), value, __ATOMIC_RELEASE); }

  private:
    template <typename T>
    [[nodiscard]] T* at(u64 offset) const {
        ASSERT(offset % sizeof(T) == 0 && offset < size_ && sizeof(T) <= size_ - offset);
        const u64 room = page_size - first_.offset_in(page_size);
        return memory::direct_map<T>(offset < room ? first_ + offset : second_ + (offset - room));
    }

    Pa first_;
    Pa second_;
    u64 size_ = 0;
};

} // namespace trv::tee::optee

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <span>
#include <string_view>

namespace trv::console {

/// A bounded queue of bytes from one writer to one reader, without a lock. Each side counts what it has moved since the
/// start; the counts wrap around.
class ByteRing {
  public:
    /// @param room a power of two of bytes; must outlive the ring
    constexpr explicit ByteRing(std::span<u8> room) : room_(room.data()), mask_(static_cast<u32>(room.size()) - 1) {}
    ByteRing(const ByteRing&) = delete;
    ByteRing& operator=(const ByteRing&) = delete;

    [[nodiscard]] std::size_t capacity() const { return std::size_t{mask_} + 1; }

    // Either side, and other CPUs.

    /// Bytes in it at some moment of the call.
    [[nodiscard]] std::size_t size() const {
        // The tail first: then the difference is never negative, and cut where it is too large. Sequentially
        // consistent, like the stores: a side that announces something after its store, and the other side that looks
        // for the announcement after its own, cannot both miss the other's store (see Channel::starved_).
        const u32 tail = tail_.load(std::memory_order_seq_cst);
        const u32 used = head_.load(std::memory_order_seq_cst) - tail;
        return std::min<std::size_t>(used, capacity());
    }
    [[nodiscard]] std::size_t space() const { return capacity() - size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] u32 written() const { return head_.load(std::memory_order_seq_cst); }
    [[nodiscard]] u32 taken() const { return tail_.load(std::memory_order_seq_cst); }

    // The writer.

    /// @return false if the ring is full
    [[nodiscard]] bool push(u8 byte) {
        const u32 head = head_.load(std::memory_order_relaxed); // its own
        // Pairs with the store in pop(): the reader is done with the place.
        if (head - tail_.load(std::memory_order_acquire) > mask_) {
            return false;
        }
        room_[head & mask_] = byte;
        // Pairs with size() and written() at the reader, which finds the byte behind the head.
        head_.store(head + 1, std::memory_order_seq_cst);
        return true;
    }
    /// All of `text`, which becomes visible at once. Precondition: there is room for it.
    void push(std::string_view text) {
        const u32 head = head_.load(std::memory_order_relaxed);
        for (std::size_t i = 0; i < text.size(); ++i) {
            room_[(head + i) & mask_] = static_cast<u8>(text[i]);
        }
        head_.store(head + static_cast<u32>(text.size()), std::memory_order_seq_cst);
    }

    // The reader.

    /// Precondition: not empty.
    u8 pop() {
        const u32 tail = tail_.load(std::memory_order_relaxed); // its own
        const u8 byte = room_[tail & mask_];
        tail_.store(tail + 1, std::memory_order_seq_cst);
        return byte;
    }
    void clear() { tail_.store(head_.load(std::memory_order_seq_cst), std::memory_order_seq_cst); }

  private:
    u8* room_;
    u32 mask_;
    std::atomic<u32> head_ = 0; ///< written by the writer only
    std::atomic<u32> tail_ = 0; ///< written by the reader only
};

} // namespace trv::console

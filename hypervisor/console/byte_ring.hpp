#pragma once

#include "lib/types.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>

namespace trv::console {

/// A bounded queue of bytes. Pushing and popping need the owner's lock; space() and size() may be read without it.
template <std::size_t Size>
class ByteRing {
    static_assert(std::has_single_bit(Size) && Size <= (u64{1} << 31));

  public:
    [[nodiscard]] std::size_t size() const {
        // Relaxed: a reader without the lock only needs some recent value of each. The tail is read first: then the
        // difference is at most what was queued once the head is read, never negative, and cut where it is too large.
        const u32 tail = tail_.load(std::memory_order_acquire);
        const u32 used = head_.load(std::memory_order_relaxed) - tail;
        return used < Size ? used : Size;
    }
    [[nodiscard]] std::size_t space() const { return Size - size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

    /// @return false if the ring is full
    [[nodiscard]] bool push(u8 byte) {
        const u32 head = head_.load(std::memory_order_relaxed);
        if (head - tail_.load(std::memory_order_relaxed) == Size) {
            return false;
        }
        bytes_[head % Size] = byte;
        head_.store(head + 1, std::memory_order_relaxed);
        return true;
    }

    /// Precondition: not empty.
    [[nodiscard]] u8 front() const { return bytes_[tail_.load(std::memory_order_relaxed) % Size]; }

    /// Precondition: not empty.
    u8 pop() {
        const u32 tail = tail_.load(std::memory_order_relaxed);
        const u8 byte = bytes_[tail % Size];
        // Pairs with the acquire in size(), so that a head read afterwards is not older than this tail.
        tail_.store(tail + 1, std::memory_order_release);
        return byte;
    }

    void clear() { tail_.store(head_.load(std::memory_order_relaxed), std::memory_order_release); }

  private:
    std::array<u8, Size> bytes_{};
    std::atomic<u32> head_ = 0;
    std::atomic<u32> tail_ = 0;
};

} // namespace trv::console

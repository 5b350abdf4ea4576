// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a guest's flash holds. The guest reads it as memory, its flash device changes it, and programs of the host read it
// meanwhile.

#include "lib/types.hpp"
#include "sync/spinlock.hpp"

#include <span>

namespace trv::vdev {

class FlashContent {
  public:
    static constexpr u8 erased = 0xff;

    /// @param bytes outlive it
    explicit FlashContent(std::span<u8> bytes) : bytes_(bytes) {}
    FlashContent(const FlashContent&) = delete;
    FlashContent& operator=(const FlashContent&) = delete;

    // Precondition of all: what they name is within. Context: any CPU; cost grows with the number of bytes.

    void read(u64 offset, std::span<u8> to) EXCLUDES(lock_);
    /// Replaces what is there; not one of the guest's changes.
    void write(u64 offset, std::span<const u8> from) EXCLUDES(lock_);
    /// A change: clears the bits that are 0 in the lowest bytes of `value`. @param size 1 to 8
    void program(u64 offset, unsigned size, u64 value) EXCLUDES(lock_);
    /// A change: sets all bits.
    void erase(u64 offset, u64 size) EXCLUDES(lock_);

    /// Of the guest. Between two calls with the same result, nothing that was read has changed.
    [[nodiscard]] u64 changes() EXCLUDES(lock_) {
        const Guard guard(lock_);
        return changes_;
    }

  private:
    SpinLock lock_; ///< no other is taken under it
    const std::span<u8> bytes_;
    u64 changes_ GUARDED_BY(lock_) = 0;
};

} // namespace trv::vdev

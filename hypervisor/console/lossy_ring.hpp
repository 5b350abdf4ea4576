// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <algorithm>
#include <span>

namespace trv::console {

/// A queue of bytes that never refuses any: the oldest are lost first, and counted. Callers serialise.
class LossyRing {
  public:
    constexpr LossyRing() = default;
    /// @param room must outlive the ring
    constexpr explicit LossyRing(std::span<u8> room) : room_(room) {}

    /// Bytes that were ever put: the position behind the last one.
    [[nodiscard]] u64 end() const { return end_; }
    /// The position of the oldest that is still there.
    [[nodiscard]] u64 begin() const { return end_ - std::min<u64>(end_, room_.size()); }

    void put(u8 byte) {
        if (!room_.empty()) {
            room_[end_++ % room_.size()] = byte;
        }
    }
    /// Copies what there is from a position on, as far as it fits.
    /// @param from begin() to end(). @return the position behind what was copied
    u64 copy(u64 from, std::span<u8> to) const {
        u64 at = from;
        for (std::size_t i = 0; i < to.size() && at != end_; ++i) {
            to[i] = room_[at++ % room_.size()];
        }
        return at;
    }
    /// The byte there. Precondition: begin() <= position < end().
    [[nodiscard]] u8 at(u64 position) const { return room_[position % room_.size()]; }

  private:
    std::span<u8> room_;
    u64 end_ = 0;
};

} // namespace trv::console

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The state of one frame in 32 bits, so that the table takes a thousandth of RAM, and every change of owner is one
// compare-exchange.
//
//     [9:0] owner   [23:10] pins   [28:24] order   [29] head   [30] lent   [31] zero
//
// `head`: a block of 2^order frames begins here; it is in the pool's free list if the owner is Free.
// `lent`: its owner, a VM, lends it to another one (loan.hpp).

#include "memory/physical/frame_owner.hpp"

namespace trv::memory {

class FrameWord {
  public:
    static constexpr u32 max_pins = 0x3fff;

    constexpr FrameWord() = default;
    constexpr explicit FrameWord(u32 bits) : bits_(bits) {}
    constexpr explicit FrameWord(FrameOwner owner) : bits_(static_cast<u32>(owner)) {}

    [[nodiscard]] constexpr u32 bits() const { return bits_; }
    [[nodiscard]] constexpr FrameOwner owner() const { return static_cast<FrameOwner>(bits_ & owner_mask); }
    [[nodiscard]] constexpr u32 pins() const { return (bits_ >> pins_shift) & max_pins; }
    [[nodiscard]] constexpr bool is_head() const { return (bits_ & head_bit) != 0; }
    [[nodiscard]] constexpr unsigned order() const { return (bits_ >> order_shift) & order_mask; }

    [[nodiscard]] constexpr bool is_lent() const { return (bits_ & lent_bit) != 0; }

    [[nodiscard]] constexpr FrameWord owned_by(FrameOwner owner) const {
        return FrameWord((bits_ & ~owner_mask) | static_cast<u32>(owner));
    }
    [[nodiscard]] constexpr FrameWord as_head(unsigned order) const {
        return FrameWord((bits_ & ~(order_mask << order_shift)) | (order << order_shift) | head_bit);
    }
    [[nodiscard]] constexpr FrameWord with_loan() const { return FrameWord(bits_ | lent_bit); }
    [[nodiscard]] constexpr FrameWord without_loan() const { return FrameWord(bits_ & ~lent_bit); }
    /// Precondition: pins() < max_pins.
    [[nodiscard]] constexpr FrameWord with_pin() const { return FrameWord(bits_ + (1U << pins_shift)); }
    /// Precondition: pins() > 0.
    [[nodiscard]] constexpr FrameWord without_pin() const { return FrameWord(bits_ - (1U << pins_shift)); }

  private:
    static constexpr u32 owner_mask = 0x3ff;
    static constexpr unsigned pins_shift = 10;
    static constexpr unsigned order_shift = 24;
    static constexpr u32 order_mask = 0x1f;
    static constexpr u32 head_bit = 1U << 29;
    static constexpr u32 lent_bit = 1U << 30;
    static_assert(frame_owners - 1 <= owner_mask);

    u32 bits_ = 0;
};
static_assert(sizeof(FrameWord) == 4);

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A PL011, polled [PL011 TRM DDI0183, 3.2].

#include "guests/bare/lib/hardware/mmio.hpp"

#include <optional>
#include <string_view>

namespace trv::bare {

namespace pl011 {
inline constexpr u64 data = 0x00;
inline constexpr u64 flags = 0x18;
inline constexpr u64 integer_baud = 0x24;
inline constexpr u64 interrupt_mask = 0x38;
inline constexpr u64 interrupt_clear = 0x44;

inline constexpr u32 flag_busy = 1 << 3;
inline constexpr u32 flag_receive_empty = 1 << 4;
inline constexpr u32 flag_transmit_full = 1 << 5;

inline constexpr u32 interrupt_receive = 1 << 4;
inline constexpr u32 interrupt_transmit = 1 << 5;
inline constexpr u32 interrupt_receive_timeout = 1 << 6;
} // namespace pl011

class Uart {
  public:
    constexpr explicit Uart(u64 base) : base_(base) {}

    void put(char c) const {
        wait_while(pl011::flag_transmit_full);
        mmio_write<u32>(base_ + pl011::data, static_cast<u8>(c));
    }
    void put(std::string_view text) const {
        for (const char c : text) {
            put(c);
        }
    }
    /// Until everything has left.
    void settle() const { wait_while(pl011::flag_busy); }
    [[nodiscard]] std::optional<char> take() const {
        if ((mmio_read<u32>(base_ + pl011::flags) & pl011::flag_receive_empty) != 0) {
            return std::nullopt;
        }
        return static_cast<char>(mmio_read<u32>(base_ + pl011::data));
    }
    void enable_interrupts(u32 mask) const { mmio_write<u32>(base_ + pl011::interrupt_mask, mask); }
    void clear_interrupts(u32 mask) const { mmio_write<u32>(base_ + pl011::interrupt_clear, mask); }

  private:
    void wait_while(u32 flag) const {
        while ((mmio_read<u32>(base_ + pl011::flags) & flag) != 0) {
            asm volatile("yield");
        }
    }

    u64 base_;
};

} // namespace trv::bare

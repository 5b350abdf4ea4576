// SPDX-License-Identifier: Apache-2.0
#pragma once
// The start of a kernel for 32-bit Arm, as vmlinux.lds.S of its decompressor makes it.

#include <cstddef>
#include <cstdint>
#include <string>

namespace trv::contract::zimage {

inline constexpr std::uint32_t table_at = 0x100, size_at = 0xffc;

/// A file of 4 KiB that unpacks to 22 MiB, .bss included, 32 KiB from the start of RAM.
inline std::string example() {
    std::string bytes(0x1000, '\0');
    const auto set = [&bytes](std::size_t at, std::uint32_t value) {
        for (unsigned i = 0; i < 4; ++i) {
            bytes[at + i] = static_cast<char>(value >> (8 * i));
        }
    };
    set(0x24, 0x016f'2818);
    set(0x2c, 0x1000);
    set(0x30, 0x0403'0201);
    set(0x34, 0x4545'4545);
    set(0x38, table_at);
    set(table_at, 5);
    set(table_at + 4, 0x5a53'4c4b);
    set(table_at + 8, size_at);
    set(table_at + 12, 0x10'0000);
    set(table_at + 16, 0x8000);
    set(size_at, 0x150'0000);
    return bytes;
}

} // namespace trv::contract::zimage

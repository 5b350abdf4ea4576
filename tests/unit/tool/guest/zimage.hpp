// SPDX-License-Identifier: Apache-2.0
#pragma once
// The start of a kernel for 32-bit Arm, as Linux' build makes it.

#include "tool/guest/little_endian.hpp"

#include <cstdint>
#include <string>

namespace trv::tool::guest {

/// A file of 4 KiB that unpacks to 20 MiB, .bss included, 32 KiB from the start of RAM.
inline std::string zimage() {
    constexpr std::size_t table = 0x100;
    constexpr std::size_t size_at = 0xffc;
    std::string bytes(0x1000, '\0');
    const auto set = [&bytes](std::size_t at, std::uint32_t value) { put_little_endian(bytes, at, value); };
    set(0x24, 0x016f'2818);
    set(0x2c, 0x1000);
    set(0x30, 0x0403'0201);
    set(0x34, 0x4545'4545);
    set(0x38, table);
    set(table, 5);
    set(table + 4, 0x5a53'4c4b);
    set(table + 8, size_at);
    set(table + 12, 0x10'0000);
    set(table + 16, 0x8000);
    set(size_at, 0x130'0000);
    return bytes;
}

} // namespace trv::tool::guest

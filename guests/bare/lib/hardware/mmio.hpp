// SPDX-License-Identifier: Apache-2.0
#pragma once
// Device registers. Only base-register addressing without write-back, which costs a hypervisor least.

#include "lib/types.hpp"

#include <concepts>

namespace trv::bare {

template <std::unsigned_integral T>
[[nodiscard]] inline T mmio_read(u64 address) {
    u64 value;
    if constexpr (sizeof(T) == 1) {
        asm volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    } else if constexpr (sizeof(T) == 2) {
        asm volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    } else if constexpr (sizeof(T) == 4) {
        asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    } else {
        asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
    }
    return static_cast<T>(value);
}

template <std::unsigned_integral T>
inline void mmio_write(u64 address, T value) {
    const u64 wide = value;
    if constexpr (sizeof(T) == 1) {
        asm volatile("strb %w0, [%1]" : : "r"(wide), "r"(address) : "memory");
    } else if constexpr (sizeof(T) == 2) {
        asm volatile("strh %w0, [%1]" : : "r"(wide), "r"(address) : "memory");
    } else if constexpr (sizeof(T) == 4) {
        asm volatile("str %w0, [%1]" : : "r"(wide), "r"(address) : "memory");
    } else {
        asm volatile("str %0, [%1]" : : "r"(wide), "r"(address) : "memory");
    }
}

} // namespace trv::bare

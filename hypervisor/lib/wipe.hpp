// SPDX-License-Identifier: Apache-2.0
#pragma once
// Erases secrets.

#include <cstddef>
#include <span>

namespace trv {

/// Zeroes memory that is not read afterwards; volatile, or the compiler would omit the stores.
inline void wipe(std::span<std::byte> secret) {
    for (volatile std::byte& each : secret) {
        each = std::byte{0};
    }
}

} // namespace trv

// SPDX-License-Identifier: Apache-2.0
#include "vdev/firmware/flash_content.hpp"

#include "arch/memory/cache.hpp"

#include <algorithm>
#include <cstring>

namespace trv::vdev {

void FlashContent::read(u64 offset, std::span<u8> to) {
    const Guard guard(lock_);
    std::memcpy(to.data(), bytes_.data() + offset, to.size());
}

// Firmware reads it with its caches off: each change is cleaned to memory.

void FlashContent::write(u64 offset, std::span<const u8> from) {
    const Guard guard(lock_);
    std::memcpy(bytes_.data() + offset, from.data(), from.size());
    arch::clean_and_invalidate(bytes_.data() + offset, from.size());
}

void FlashContent::program(u64 offset, unsigned size, u64 value) {
    const Guard guard(lock_);
    const std::span<u8> bytes = bytes_.subspan(offset, size);
    for (unsigned i = 0; i < size; ++i) {
        bytes[i] &= static_cast<u8>(value >> i * 8);
    }
    arch::clean_and_invalidate(bytes.data(), bytes.size());
    ++changes_;
}

void FlashContent::erase(u64 offset, u64 size) {
    const Guard guard(lock_);
    const std::span<u8> bytes = bytes_.subspan(offset, size);
    std::ranges::fill(bytes, erased);
    arch::clean_and_invalidate(bytes.data(), bytes.size());
    ++changes_;
}

} // namespace trv::vdev

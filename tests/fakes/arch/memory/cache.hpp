// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host's caches are coherent. Tests can watch what is cleaned.

#include <cstddef>
#include <cstring>
#include <functional>

namespace trv::arch {

inline std::function<void(const void* memory, std::size_t size)> fake_cache_clean;
inline std::function<void()> fake_on_zeroing; ///< what other CPUs do while this one zeroes

inline void clean_and_invalidate(const void* memory, std::size_t size) {
    if (fake_cache_clean) {
        fake_cache_clean(memory, size);
    }
}
inline void forget_instructions() {}
inline void zero_pages(void* pages, std::size_t size) {
    std::memset(pages, 0, size);
    if (fake_on_zeroing) {
        fake_on_zeroing();
    }
}

} // namespace trv::arch

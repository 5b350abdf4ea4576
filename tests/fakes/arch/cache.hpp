#pragma once
// The host's caches are coherent.

#include <cstddef>
#include <cstring>

namespace trv::arch {

inline void clean_and_invalidate(const void*, std::size_t) {}
inline void forget_instructions() {}
inline void zero_pages(void* pages, std::size_t size) {
    std::memset(pages, 0, size);
}

} // namespace trv::arch

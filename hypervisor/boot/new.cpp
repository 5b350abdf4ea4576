// SPDX-License-Identifier: Apache-2.0
// `new (std::nothrow)` and `delete` at EL2. The throwing forms are missing on purpose: their use does not link.

#include "boot/system.hpp"

namespace {

trv::memory::Heap& heap() {
    return trv::boot::the_system.memory.heap;
}

} // namespace

const std::nothrow_t std::nothrow{};

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return heap().allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return heap().allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return heap().allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return heap().allocate(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* memory) noexcept {
    heap().free(memory);
}
void operator delete[](void* memory) noexcept {
    heap().free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    heap().free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    heap().free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    heap().free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
    heap().free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    heap().free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    heap().free(memory);
}

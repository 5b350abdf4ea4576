// SPDX-License-Identifier: Apache-2.0
// What the compiler and the standard library's headers call by name [Run-time ABI for the Arm Architecture, 4.3.3, 4.3.4].

#include <cstddef>

extern "C" {

void* memset(void* to, int value, size_t size) {
    auto* const bytes = static_cast<unsigned char*>(to);
    for (size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<unsigned char>(value);
    }
    return to;
}

void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
    auto* const target = static_cast<unsigned char*>(to);
    const auto* const source = static_cast<const unsigned char*>(from);
    for (size_t i = 0; i < size; ++i) {
        target[i] = source[i];
    }
    return to;
}

size_t strlen(const char* text) {
    size_t n = 0;
    while (text[n] != '\0') {
        ++n;
    }
    return n;
}

void __aeabi_memclr(void* to, size_t size) {
    memset(to, 0, size);
}
void __aeabi_memclr4(void* to, size_t size) {
    memset(to, 0, size);
}
void __aeabi_memclr8(void* to, size_t size) {
    memset(to, 0, size);
}
void __aeabi_memcpy(void* __restrict to, const void* __restrict from, size_t size) {
    memcpy(to, from, size);
}
void __aeabi_memcpy4(void* __restrict to, const void* __restrict from, size_t size) {
    memcpy(to, from, size);
}
void __aeabi_memcpy8(void* __restrict to, const void* __restrict from, size_t size) {
    memcpy(to, from, size);
}

} // extern "C"

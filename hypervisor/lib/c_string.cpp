// SPDX-License-Identifier: Apache-2.0
// The C functions that the compiler and libfdt call by name.

#include "lib/types.hpp"

#include <cstddef>

// Builtins would turn these loops into calls of themselves.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wcast-align" // words are read only where both sides are aligned

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
    auto* t = static_cast<unsigned char*>(to);
    const auto* f = static_cast<const unsigned char*>(from);
    if ((reinterpret_cast<trv::u64>(t) | reinterpret_cast<trv::u64>(f)) % 8 == 0) {
        for (; size >= 64; size -= 64, t += 64, f += 64) {
            // Register pairs: four loads and four stores, however the optimizer treats loops.
            asm volatile("ldp x8, x9, [%1]\n\tldp x10, x11, [%1, #16]\n\tldp x12, x13, [%1, #32]\n\t"
                         "ldp x14, x15, [%1, #48]\n\t"
                         "stp x8, x9, [%0]\n\tstp x10, x11, [%0, #16]\n\tstp x12, x13, [%0, #32]\n\t"
                         "stp x14, x15, [%0, #48]"
                         :
                         : "r"(t), "r"(f)
                         : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "memory");
        }
        for (; size >= 8; size -= 8, t += 8, f += 8) {
            *reinterpret_cast<trv::u64*>(t) = *reinterpret_cast<const trv::u64*>(f);
        }
    } else if ((reinterpret_cast<trv::u64>(t) | reinterpret_cast<trv::u64>(f)) % 4 == 0) {
        // Images in a bundle: archives align to 4 bytes.
        for (; size >= 32; size -= 32, t += 32, f += 32) {
            asm volatile("ldp w8, w9, [%1]\n\tldp w10, w11, [%1, #8]\n\tldp w12, w13, [%1, #16]\n\t"
                         "ldp w14, w15, [%1, #24]\n\t"
                         "stp w8, w9, [%0]\n\tstp w10, w11, [%0, #8]\n\tstp w12, w13, [%0, #16]\n\t"
                         "stp w14, w15, [%0, #24]"
                         :
                         : "r"(t), "r"(f)
                         : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "memory");
        }
    }
    for (; size > 0; --size) {
        *t++ = *f++;
    }
    return to;
}

void* memset(void* to, int value, size_t size) {
    auto* t = static_cast<unsigned char*>(to);
    const auto byte = static_cast<unsigned char>(value);
    for (; size > 0 && reinterpret_cast<trv::u64>(t) % 8 != 0; --size) {
        *t++ = byte;
    }
    const trv::u64 word = byte * 0x0101'0101'0101'0101U;
    for (; size >= 8; size -= 8, t += 8) {
        *reinterpret_cast<trv::u64*>(t) = word;
    }
    for (; size > 0; --size) {
        *t++ = byte;
    }
    return to;
}

void* memmove(void* to, const void* from, size_t size) {
    auto* t = static_cast<unsigned char*>(to);
    const auto* f = static_cast<const unsigned char*>(from);
    if (t <= f || t >= f + size) {
        for (; size > 0; --size) {
            *t++ = *f++;
        }
    } else {
        while (size-- > 0) {
            t[size] = f[size];
        }
    }
    return to;
}

int memcmp(const void* a, const void* b, size_t size) {
    const auto* x = static_cast<const unsigned char*>(a);
    const auto* y = static_cast<const unsigned char*>(b);
    for (; size > 0; --size, ++x, ++y) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}

void* memchr(const void* in, int value, size_t size) {
    const auto* p = static_cast<const unsigned char*>(in);
    for (; size > 0; --size, ++p) {
        if (*p == static_cast<unsigned char>(value)) {
            return const_cast<unsigned char*>(p);
        }
    }
    return nullptr;
}

size_t strlen(const char* text) {
    size_t n = 0;
    while (text[n] != '\0') {
        ++n;
    }
    return n;
}

size_t strnlen(const char* text, size_t most) {
    size_t n = 0;
    while (n < most && text[n] != '\0') {
        ++n;
    }
    return n;
}

int strcmp(const char* a, const char* b) {
    while (*a != '\0' && *a == *b) {
        ++a;
        ++b;
    }
    return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
}

char* strchr(const char* text, int value) {
    for (;; ++text) {
        if (*text == static_cast<char>(value)) {
            return const_cast<char*>(text);
        }
        if (*text == '\0') {
            return nullptr;
        }
    }
}

char* strrchr(const char* text, int value) {
    const char* found = nullptr;
    for (;; ++text) {
        if (*text == static_cast<char>(value)) {
            found = text;
        }
        if (*text == '\0') {
            return const_cast<char*>(found);
        }
    }
}

/// For libfdt's overlay code, which the hypervisor does not call: decimal and hexadecimal digits, no sign, no overflow
/// check.
unsigned long strtoul(const char* text, char** end, int base) {
    unsigned long value = 0;
    for (;; ++text) {
        unsigned digit;
        if (*text >= '0' && *text <= '9') {
            digit = static_cast<unsigned>(*text - '0');
        } else if (*text >= 'a' && *text <= 'f') {
            digit = static_cast<unsigned>(*text - 'a') + 10;
        } else {
            break;
        }
        if (digit >= static_cast<unsigned>(base)) {
            break;
        }
        value = value * static_cast<unsigned long>(base) + digit;
    }
    if (end != nullptr) {
        *end = const_cast<char*>(text);
    }
    return value;
}

} // extern "C"

#pragma clang diagnostic pop

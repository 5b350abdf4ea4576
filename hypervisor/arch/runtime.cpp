// SPDX-License-Identifier: Apache-2.0
// Functions that the compiler's stack protector and the standard library's headers call by name when they detect a bug.

#include "arch/entry.hpp"
#include "lib/log.hpp"
#include "lib/types.hpp"

// NOLINTBEGIN(bugprone-reserved-identifier): the compiler chose the names
extern "C" {

/// Mixed with the counter and, where there is one, the CPU's random number generator at entry (boot/start.S), and with
/// the machine's seed before the first CPU changes to its own stack (boot/main.cpp); constant afterwards. The low byte
/// is NUL, so that text overruns stop.
constinit trv::u64 __stack_chk_guard = 0x5bd1'e995'9f12'3c00;

void mix_into_stack_guard(trv::u64 secret) {
    constexpr trv::u64 low_byte = 0xff;
    __stack_chk_guard ^= secret & ~low_byte;
}

[[noreturn]] void __stack_chk_fail() {
    trv::panic("stack buffer overrun");
}

/// What a virtual function without a body leads to before its object is constructed [Itanium C++ ABI 3.2.6].
[[noreturn]] void __cxa_pure_virtual() {
    trv::panic("a virtual function was called before its object was there");
}

} // extern "C"

namespace std {

/// std::string_view's checked functions.
__attribute__((noreturn)) void __throw_out_of_range_fmt(const char*, ...) {
    trv::panic("a substring starts beyond the end of its string");
}

} // namespace std
// NOLINTEND(bugprone-reserved-identifier)

// SPDX-License-Identifier: Apache-2.0
// What libfdt (which is built with a stack protector) and the standard library's headers call by name.

#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/hardware/power.hpp"

namespace {

[[noreturn]] void stop(std::string_view why) {
    trv::bare::print("FAIL {}\n", why);
    trv::bare::power::system_off();
}

} // namespace

extern "C" {

constinit trv::u64 __stack_chk_guard = 0x5bd1'e995'9f12'3c00;

[[noreturn]] void __stack_chk_fail() {
    stop("stack buffer overrun");
}

} // extern "C"

namespace std {

__attribute__((noreturn)) void __throw_out_of_range_fmt(const char*, ...) {
    stop("a text was cut beyond its end");
}

} // namespace std

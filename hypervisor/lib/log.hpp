#pragma once
// The hypervisor's own log: whole lines to the console's channel 0. Lines that a guest can cause go through
// RateLimit (lib/rate_limit.hpp) first.

#include "lib/format.hpp"

namespace trv {

/// Where finished lines go; console/ sets it once the console is up. Until then lines are kept in the early buffer.
void log_line(std::string_view line);

template <typename... Arguments>
void log(std::string_view pattern, const Arguments&... arguments) {
    char buffer[240];
    log_line(format_to(buffer, pattern, arguments...));
}

/// Stops the machine: prints the reason and where, then powers off. For our own bugs only; no guest input reaches it.
[[noreturn]] void panic(std::string_view reason);

} // namespace trv

/// States what the code relies on. Costs one compare and branch; stays in release images.
#define ASSERT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) [[unlikely]] {                                                                               \
            ::trv::panic("assertion failed: " #condition " (" __FILE_NAME__ ")");                                      \
        }                                                                                                              \
    } while (false)

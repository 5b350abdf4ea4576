#pragma once
// The hypervisor's own log: whole lines to the console's channel 0. Which of them are told is a build option; the
// others cost nothing. Lines that a guest can cause go through log_limited() (lib/rate_limit.hpp).

#include "generated/option/asserts.hpp"
#include "generated/option/log_level.hpp"
#include "lib/format.hpp"
#include "lib/types.hpp"

namespace trv {

/// Where finished lines go; console/ sets it once the console is up. Until then lines are kept in the early buffer.
void log_line(std::string_view line);

/// What a line is about; Kconfig's choice "Log level" explains them.
enum class LogLevel : u8 { Trouble, Machine, Guests, Details };
[[nodiscard]] constexpr bool is_told(LogLevel level) {
    return option::log_level >= static_cast<u8>(level);
}

/// What goes wrong; and what answers somebody who asked.
template <typename... Arguments>
void log_always(std::string_view pattern, const Arguments&... arguments) {
    char buffer[240];
    log_line(format_to(buffer, pattern, arguments...));
}

/// What the machine is, and VMs that come and go.
template <typename... Arguments>
void log([[maybe_unused]] std::string_view pattern, [[maybe_unused]] const Arguments&... arguments) {
    if constexpr (is_told(LogLevel::Machine)) {
        log_always(pattern, arguments...);
    }
}

/// Steps on the way, for work on the hypervisor. Not for what a guest can repeat at will.
template <typename... Arguments>
void log_detail([[maybe_unused]] std::string_view pattern, [[maybe_unused]] const Arguments&... arguments) {
    if constexpr (is_told(LogLevel::Details)) {
        log_always(pattern, arguments...);
    }
}

/// Stops the machine: prints the reason and where, then powers off. For our own bugs only; no guest input reaches it.
[[noreturn]] void panic(std::string_view reason);

} // namespace trv

/// Does what cannot fail but by a bug of ours, which stops the machine.
#define MUST(action)                                                                                                   \
    do {                                                                                                               \
        [[maybe_unused]] const bool trv_done = static_cast<bool>(action);                                              \
        if constexpr (::trv::option::asserts) {                                                                        \
            if (!trv_done) [[unlikely]] {                                                                              \
                ::trv::panic("assertion failed: " #action " (" __FILE_NAME__ ")");                                     \
            }                                                                                                          \
        }                                                                                                              \
    } while (false)

/// States what the code relies on. Costs one compare and branch, in every image but those built without assertions,
/// which do not evaluate it: it has no side effects.
#define ASSERT(condition)                                                                                              \
    do {                                                                                                               \
        if constexpr (::trv::option::asserts) {                                                                        \
            if (!(condition)) [[unlikely]] {                                                                           \
                ::trv::panic("assertion failed: " #condition " (" __FILE_NAME__ ")");                                  \
            }                                                                                                          \
        }                                                                                                              \
    } while (false)

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The hypervisor's own log: whole lines to the console's channel 0. A build option sets the level; lines above it cost
// nothing. Lines that a guest can cause go through log_limited() (sync/rate_limit.hpp).

#include "generated/option/asserts.hpp"
#include "generated/option/log_level.hpp"
#include "lib/format.hpp"
#include "lib/types.hpp"

namespace trv {

/// The sink of finished lines; console/ sets it once the console is up. Until then the early buffer keeps them.
void log_line(std::string_view line);

/// Log levels: error, info, guest, debug. Kconfig's choice "Log level" explains them.
enum class LogLevel : u8 { Trouble, Machine, Guests, Details };
[[nodiscard]] constexpr bool is_logged(LogLevel level) {
    return option::log_level >= static_cast<u8>(level);
}

/// Logs errors, and replies to the operator.
template <typename... Arguments>
void log_always(std::string_view pattern, const Arguments&... arguments) {
    char buffer[240];
    log_line(format_to(buffer, pattern, arguments...));
}

/// Logs the machine's properties, and VMs that start and stop.
template <typename... Arguments>
void log([[maybe_unused]] std::string_view pattern, [[maybe_unused]] const Arguments&... arguments) {
    if constexpr (is_logged(LogLevel::Machine)) {
        log_always(pattern, arguments...);
    }
}

/// Logs details for hypervisor developers. Not for events that a guest can repeat at will.
template <typename... Arguments>
void log_detail([[maybe_unused]] std::string_view pattern, [[maybe_unused]] const Arguments&... arguments) {
    if constexpr (is_logged(LogLevel::Details)) {
        log_always(pattern, arguments...);
    }
}

/// Prints reason and place, then powers off the machine. For hypervisor bugs only; no guest input reaches it.
[[noreturn]] void panic(std::string_view reason);

} // namespace trv

/// Evaluates an action that can fail only because of a hypervisor bug; a failure stops the machine.
#define MUST(action)                                                                                                   \
    do {                                                                                                               \
        [[maybe_unused]] const bool trv_done = static_cast<bool>(action);                                              \
        if constexpr (::trv::option::asserts) {                                                                        \
            if (!trv_done) [[unlikely]] {                                                                              \
                ::trv::panic("assertion failed: " #action " (" __FILE_NAME__ ")");                                     \
            }                                                                                                          \
        }                                                                                                              \
    } while (false)

/// States a condition that the code relies on. It costs a compare and a branch. Images without assertions do not
/// evaluate it, so it must not have side effects.
#define ASSERT(condition)                                                                                              \
    do {                                                                                                               \
        if constexpr (::trv::option::asserts) {                                                                        \
            if (!(condition)) [[unlikely]] {                                                                           \
                ::trv::panic("assertion failed: " #condition " (" __FILE_NAME__ ")");                                  \
            }                                                                                                          \
        }                                                                                                              \
    } while (false)

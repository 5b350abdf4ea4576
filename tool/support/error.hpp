// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace trv::tool {

/// The kind of error, which decides the exit code.
enum class ErrorKind {
    Usage,   ///< the command line or a machine description is wrong
    Failure, ///< something on this machine, or the emulated machine, failed
};

inline constexpr int usage_exit_code = 2;
inline constexpr int failure_exit_code = 3;

/// An error: where, what, and what to do about it.
struct Error {
    std::string place; ///< a file or a step: "machines/demo.toml", "setup: firmware"
    std::string key;   ///< a key within the file; may be empty
    std::string what;  ///< the cause, without a final full stop
    std::string hint;  ///< what the reader can do, a sentence; may be empty
    ErrorKind kind = ErrorKind::Failure;
};

template <typename T>
using Result = std::expected<T, Error>;

/// "place: key: what. hint", without the parts that are empty.
[[nodiscard]] std::string to_string(const Error& error);

[[nodiscard]] int exit_code(const Error& error);

/// `return failure("setup: firmware", "make failed", "See the log …");`
[[nodiscard]] std::unexpected<Error> failure(std::string place, std::string what, std::string hint = {});

/// A mistake in what the user wrote: a command line or a machine description.
[[nodiscard]] std::unexpected<Error> usage_error(std::string place, std::string key, std::string what,
                                                 std::string hint = {});

/// The cause is `errno`; its text is appended to `what`.
[[nodiscard]] std::unexpected<Error> system_failure(std::string place, std::string what, std::string hint = {});

} // namespace trv::tool

// A statement expression is the only way to return from within an expression; __extension__ suppresses the warning.
#define TRV_TRY_NAMED(name, expression)                                                                                \
    __extension__({                                                                                                    \
        auto name = (expression);                                                                                      \
        if (!name) {                                                                                                   \
            return std::unexpected(std::move(name).error());                                                           \
        }                                                                                                              \
        *std::move(name);                                                                                              \
    })
#define TRV_TRY_PASTE(counter, expression) TRV_TRY_NAMED(trv_try_##counter, expression)
#define TRV_TRY_COUNTED(counter, expression) TRV_TRY_PASTE(counter, expression)

/// The value of a Result, or an early return of its error.
#define TRY(expression) TRV_TRY_COUNTED(__COUNTER__, expression)

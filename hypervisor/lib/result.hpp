// SPDX-License-Identifier: Apache-2.0
#pragma once
// Errors are values. One enumeration for the whole hypervisor; codes of SMCCC, PSCI and OP-TEE are made from it in one
// function at each edge.

#include <expected>
#include <string_view>
#include <utility>

namespace trv {

enum class Error : unsigned char {
    NoMemory,   ///< no frame, heap block or table left
    Invalid,    ///< malformed value
    Overflow,   ///< arithmetic on foreign values wrapped
    OutOfRange, ///< beyond what the object covers
    Misaligned,
    NotMapped, ///< no stage-2 (or stage-1) mapping there
    AlreadyMapped,
    NotOwned, ///< the frame has another owner
    Busy,     ///< pinned, running, or otherwise in use
    NotFound,
    TooMany, ///< a quota or a fixed table is full
    Unsupported,
    Denied,
};

/// The error's name in log lines.
[[nodiscard]] constexpr std::string_view name_of(Error e) {
    switch (e) {
    case Error::NoMemory:
        return "out of memory";
    case Error::Invalid:
        return "invalid value";
    case Error::Overflow:
        return "arithmetic overflow";
    case Error::OutOfRange:
        return "out of range";
    case Error::Misaligned:
        return "misaligned";
    case Error::NotMapped:
        return "not mapped";
    case Error::AlreadyMapped:
        return "already mapped";
    case Error::NotOwned:
        return "not owned";
    case Error::Busy:
        return "busy";
    case Error::NotFound:
        return "not found";
    case Error::TooMany:
        return "too many";
    case Error::Unsupported:
        return "not supported";
    case Error::Denied:
        return "denied";
    }
    return "unknown error";
}

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] constexpr std::unexpected<Error> fail(Error e) {
    return std::unexpected<Error>(e);
}

} // namespace trv

/// Evaluates to the value of a Result, or returns its error from the function: the only hidden control flow.
/// A statement expression, hence clang and gcc only.
#define TRY(expression)                                                                                                \
    __extension__({                                                                                                    \
        auto trv_result_ = (expression);                                                                               \
        if (!trv_result_) [[unlikely]] {                                                                               \
            return std::unexpected(trv_result_.error());                                                               \
        }                                                                                                              \
        *std::move(trv_result_);                                                                                       \
    })

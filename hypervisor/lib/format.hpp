// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text formatting without allocation or code per call site: "{}" takes the next argument; hex() prints 0x…; everything
// else is copied. Output that does not fit is truncated.

#include "lib/result.hpp"
#include "lib/types.hpp"

#include <concepts>
#include <span>
#include <string_view>

namespace trv {

struct Hex {
    u64 value;
    unsigned digits; ///< minimum number of digits; 0: as many as needed
};
[[nodiscard]] constexpr Hex hex(u64 value, unsigned digits = 0) {
    return {value, digits};
}

/// One argument, its type erased.
class FormatArgument {
  public:
    enum class Kind : u8 { Unsigned, Signed, Hex, Text };

    template <std::unsigned_integral T>
    constexpr FormatArgument(T v) : kind(Kind::Unsigned), number(v) {}
    template <std::signed_integral T>
    constexpr FormatArgument(T v) : kind(Kind::Signed), number(static_cast<u64>(static_cast<i64>(v))) {}
    constexpr FormatArgument(bool v) : kind(Kind::Text), text(v ? "yes" : "no") {}
    constexpr FormatArgument(Hex h) : kind(Kind::Hex), digits(static_cast<u8>(h.digits)), number(h.value) {}
    template <typename K>
    constexpr FormatArgument(Address<K> a) : kind(Kind::Hex), number(a.value) {}
    constexpr FormatArgument(std::string_view s) : kind(Kind::Text), text(s) {}
    constexpr FormatArgument(const char* s) : kind(Kind::Text), text(s) {}
    constexpr FormatArgument(Error e) : kind(Kind::Text), text(name_of(e)) {}

    Kind kind;
    u8 digits = 0;
    u64 number = 0;
    std::string_view text;
};

/// @return the part of `out` that was written
std::string_view format_into(std::span<char> out, std::string_view pattern, std::span<const FormatArgument> arguments);

template <typename... Arguments>
std::string_view format_to(std::span<char> out, std::string_view pattern, const Arguments&... arguments) {
    if constexpr (sizeof...(arguments) == 0) {
        return format_into(out, pattern, {});
    } else {
        const FormatArgument list[] = {FormatArgument(arguments)...};
        return format_into(out, pattern, list);
    }
}

} // namespace trv

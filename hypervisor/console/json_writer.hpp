// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes JSON into a buffer: objects and arrays of scalars, with commas and escapes.

#include "lib/types.hpp"

#include <concepts>
#include <span>
#include <string_view>

namespace trv::console {

class JsonWriter {
  public:
    constexpr explicit JsonWriter(std::span<char> out) : out_(out) {}

    void begin_object();
    void end_object();
    void begin_array();
    void end_array();
    /// The name of the next value; inside objects only.
    void key(std::string_view name);

    /// Bytes that are not printable ASCII become \u00XX, so that text from a guest cannot break the line.
    void text(std::string_view value);
    void boolean(bool value);
    void number(u64 value);
    void signed_number(i64 value);

    template <typename T>
    void value(const T& v) {
        if constexpr (std::same_as<T, bool>) {
            boolean(v);
        } else if constexpr (std::unsigned_integral<T>) {
            number(v);
        } else if constexpr (std::signed_integral<T>) {
            signed_number(v);
        } else {
            text(v);
        }
    }
    template <typename T>
    void member(std::string_view name, const T& v) {
        key(name);
        value(v);
    }

    /// The text written; invalid once overflowed().
    [[nodiscard]] std::string_view written() const { return {out_.data(), used_}; }
    [[nodiscard]] bool overflowed() const { return overflowed_; }

  private:
    void put(char c);
    void put(std::string_view s);
    void before_value();

    std::span<char> out_;
    std::size_t used_ = 0;
    bool overflowed_ = false;
    bool comma_ = false; ///< a value precedes the next one on this level
};

} // namespace trv::console

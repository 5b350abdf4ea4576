// SPDX-License-Identifier: Apache-2.0
#include "console/json_writer.hpp"

#include "lib/format.hpp"

#include <array>

namespace trv::console {

void JsonWriter::put(char c) {
    if (used_ < out_.size()) {
        out_[used_++] = c;
    } else {
        overflowed_ = true;
    }
}

void JsonWriter::put(std::string_view s) {
    for (const char c : s) {
        put(c);
    }
}

void JsonWriter::before_value() {
    if (comma_) {
        put(',');
    }
    comma_ = true;
}

void JsonWriter::begin_object() {
    before_value();
    put('{');
    comma_ = false;
}

void JsonWriter::end_object() {
    put('}');
    comma_ = true;
}

void JsonWriter::begin_array() {
    before_value();
    put('[');
    comma_ = false;
}

void JsonWriter::end_array() {
    put(']');
    comma_ = true;
}

void JsonWriter::key(std::string_view name) {
    text(name);
    put(':');
    comma_ = false;
}

void JsonWriter::text(std::string_view value) {
    before_value();
    put('"');
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            put('\\');
            put(c);
        } else if (c >= ' ' && c <= '~') {
            put(c);
        } else {
            constexpr std::string_view digits = "0123456789abcdef";
            const u8 byte = static_cast<u8>(c);
            put("\\u00");
            put(digits[byte >> 4]);
            put(digits[byte & 0xf]);
        }
    }
    put('"');
}

void JsonWriter::boolean(bool value) {
    before_value();
    put(value ? "true" : "false");
}

void JsonWriter::number(u64 value) {
    before_value();
    std::array<char, 20> digits;
    put(format_to(digits, "{}", value));
}

void JsonWriter::signed_number(i64 value) {
    before_value();
    std::array<char, 20> digits;
    put(format_to(digits, "{}", value));
}

} // namespace trv::console

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace trv::tool::guest {

/// The number of sizeof(Value) bytes at an offset. Precondition: the bytes exist.
template <std::unsigned_integral Value>
[[nodiscard]] Value little_endian(std::string_view bytes, std::size_t offset) {
    Value value = 0;
    for (std::size_t index = sizeof(Value); index-- > 0;) {
        value = static_cast<Value>(value << 8U | static_cast<unsigned char>(bytes[offset + index]));
    }
    return value;
}

/// Writes it there. Precondition: as above.
template <std::unsigned_integral Value>
void put_little_endian(std::string& bytes, std::size_t offset, Value value) {
    for (std::size_t index = 0; index < sizeof(Value); ++index) {
        bytes[offset + index] = static_cast<char>(value >> 8 * index & 0xffU);
    }
}

[[nodiscard]] inline bool has_at(std::string_view bytes, std::size_t offset, std::string_view wanted) {
    return bytes.size() >= offset + wanted.size() && bytes.substr(offset, wanted.size()) == wanted;
}

} // namespace trv::tool::guest

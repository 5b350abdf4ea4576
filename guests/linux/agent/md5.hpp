// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace trv::guest {

/// MD5 [RFC 1321], to compare a file with its original; it protects against accidents, not against people.
class Md5 {
  public:
    void add(std::string_view bytes);

    /// 32 lower-case hexadecimal digits; nothing can be added afterwards.
    [[nodiscard]] std::string finish();

  private:
    static constexpr std::size_t block_size = 64;

    void take_block();

    std::array<std::uint32_t, 4> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    std::array<std::uint8_t, block_size> block_{};
    std::uint64_t size_ = 0; ///< bytes added so far
};

} // namespace trv::guest

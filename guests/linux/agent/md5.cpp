// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/md5.hpp"

#include <bit>

namespace trv::guest {
namespace {

/// floor(2^32 * |sin(i + 1)|) [RFC 1321 3.4].
constexpr std::array<std::uint32_t, 64> sines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

/// How far each step of a round rotates; the four repeat.
constexpr std::array<std::array<int, 4>, 4> rotations = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

struct Mix {
    std::uint32_t value;
    std::size_t word;
};

Mix mix(std::size_t step, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    switch (step / 16) {
    case 0:
        return {(b & c) | (~b & d), step};
    case 1:
        return {(d & b) | (~d & c), (5 * step + 1) % 16};
    case 2:
        return {b ^ c ^ d, (3 * step + 5) % 16};
    default:
        return {c ^ (b | ~d), (7 * step) % 16};
    }
}

} // namespace

void Md5::add(std::string_view bytes) {
    for (const char byte : bytes) {
        block_[size_++ % block_size] = static_cast<std::uint8_t>(byte);
        if (size_ % block_size == 0) {
            take_block();
        }
    }
}

void Md5::take_block() {
    std::array<std::uint32_t, 16> words{};
    for (std::size_t at = 0; at < block_size; ++at) {
        words[at / 4] |= static_cast<std::uint32_t>(block_[at]) << (8 * (at % 4));
    }
    auto [a, b, c, d] = state_;
    for (std::size_t step = 0; step < sines.size(); ++step) {
        const Mix mixed = mix(step, b, c, d);
        const std::uint32_t sum = a + mixed.value + sines[step] + words[mixed.word];
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, rotations[step / 16][step % 4]);
    }
    state_[0] += a;
    state_[1] += b;
    state_[2] += c;
    state_[3] += d;
}

std::string Md5::finish() {
    const std::uint64_t bits = 8 * size_;
    add("\x80");
    while (size_ % block_size != block_size - sizeof(bits)) {
        add(std::string_view("\0", 1));
    }
    for (unsigned shift = 0; shift < 64; shift += 8) {
        const char byte = static_cast<char>(bits >> shift & 0xffU);
        add({&byte, 1});
    }
    std::string text;
    for (const std::uint32_t word : state_) {
        for (unsigned at = 0; at < 8; ++at) {
            text += "0123456789abcdef"[word >> (8 * (at / 2) + 4 * (1 - at % 2)) & 0xfU]; // low byte first
        }
    }
    return text;
}

} // namespace trv::guest

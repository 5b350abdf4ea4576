// SPDX-License-Identifier: Apache-2.0
#include "lib/chacha20.hpp"

#include "lib/wipe.hpp"

#include <bit>
#include <cstring>

namespace trv {
namespace {

// Words and bytes are copied as they are in memory, little-endian, as [RFC 8439, 2.3] defines them.
static_assert(std::endian::native == std::endian::little);

using State = std::array<u32, 16>;
static_assert(sizeof(State) == sizeof(ChaCha20Block));

constexpr unsigned double_rounds = 10;

/// [RFC 8439, 2.1]
void quarter_round(u32& a, u32& b, u32& c, u32& d) {
    a += b, d = std::rotl(d ^ a, 16);
    c += d, b = std::rotl(b ^ c, 12);
    a += b, d = std::rotl(d ^ a, 8);
    c += d, b = std::rotl(b ^ c, 7);
}

/// Columns, then diagonals. [RFC 8439, 2.3.1]
void double_round(State& s) {
    for (unsigned i = 0; i < 4; ++i) {
        quarter_round(s[i], s[4 + i], s[8 + i], s[12 + i]);
    }
    for (unsigned i = 0; i < 4; ++i) {
        quarter_round(s[i], s[4 + (i + 1) % 4], s[8 + (i + 2) % 4], s[12 + (i + 3) % 4]);
    }
}

} // namespace

void chacha20_block(const ChaCha20Key& key, u32 counter, const ChaCha20Nonce& nonce, ChaCha20Block& block) {
    State initial{0x6170'7865, 0x3320'646e, 0x7962'2d32, 0x6b20'6574}; // "expand 32-byte k"
    std::memcpy(&initial[4], key.data(), key.size());
    initial[12] = counter;
    std::memcpy(&initial[13], nonce.data(), nonce.size());

    State state = initial;
    for (unsigned i = 0; i < double_rounds; ++i) {
        double_round(state);
    }
    for (unsigned i = 0; i < state.size(); ++i) {
        state[i] += initial[i];
    }
    std::memcpy(block.data(), state.data(), block.size());
    wipe(std::as_writable_bytes(std::span(initial)));
    wipe(std::as_writable_bytes(std::span(state)));
}

} // namespace trv

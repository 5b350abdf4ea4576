// SPDX-License-Identifier: Apache-2.0
#include "sync/random_generator.hpp"

#include "lib/wipe.hpp"

#include <algorithm>

namespace trv {
namespace {

constexpr std::size_t key_size = sizeof(ChaCha20Key);
constexpr std::size_t handed_out = sizeof(ChaCha20Block) - key_size; ///< bytes per block

} // namespace

void RandomGenerator::seed(std::span<const u8> entropy) {
    const Guard guard(lock_);
    while (!entropy.empty()) {
        const auto part = entropy.first(std::min(entropy.size(), key_size));
        for (std::size_t i = 0; i < part.size(); ++i) {
            key_[i] ^= part[i];
        }
        step({});
        entropy = entropy.subspan(part.size());
        seeded_ = true;
    }
}

bool RandomGenerator::fill(std::span<u8> out) {
    const Guard guard(lock_);
    if (!seeded_) {
        return false;
    }
    while (!out.empty()) {
        const auto part = out.first(std::min(out.size(), handed_out));
        step(part);
        out = out.subspan(part.size());
    }
    return true;
}

void RandomGenerator::step(std::span<u8> out) {
    ChaCha20Block block;
    chacha20_block(key_, 0, {}, block); // counter and nonce may stay the same: each key is used once
    std::copy_n(block.begin(), key_size, key_.begin());
    std::copy_n(block.begin() + key_size, out.size(), out.begin());
    wipe(std::as_writable_bytes(std::span(block)));
}

} // namespace trv

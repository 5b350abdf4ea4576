// SPDX-License-Identifier: Apache-2.0
#pragma once
// The ChaCha20 block function. [RFC 8439, 2.3]

#include "lib/types.hpp"

#include <array>

namespace trv {

using ChaCha20Key = std::array<u8, 32>;
using ChaCha20Nonce = std::array<u8, 12>;
using ChaCha20Block = std::array<u8, 64>;

/// Computes the block for `key`, block number and nonce, and wipes the key from the stack.
void chacha20_block(const ChaCha20Key& key, u32 counter, const ChaCha20Nonce& nonce, ChaCha20Block& block);

} // namespace trv

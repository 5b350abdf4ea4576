// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random bytes from one seed: ChaCha20 with fast key erasure. The first part of each block becomes the next key, the
// rest is output, and the block is erased. So no output repeats, and neither an output nor a later key reveals other
// output. [D. J. Bernstein, Fast-key-erasure random-number generators]

#include "lib/chacha20.hpp"
#include "sync/spinlock.hpp"

#include <array>
#include <bit>
#include <optional>
#include <span>

namespace trv {

class RandomGenerator {
  public:
    constexpr RandomGenerator() = default;
    RandomGenerator(const RandomGenerator&) = delete;
    RandomGenerator& operator=(const RandomGenerator&) = delete;

    /// Mixes secret data into the state. The first call must pass at least 32 random bytes: draw() relies on them.
    void seed(std::span<const u8> entropy) EXCLUDES(lock_);

    /// @return nothing until there is a seed
    template <typename T>
    [[nodiscard]] std::optional<T> draw() EXCLUDES(lock_) {
        std::array<u8, sizeof(T)> bytes;
        return fill(bytes) ? std::optional(std::bit_cast<T>(bytes)) : std::nullopt;
    }

  private:
    [[nodiscard]] bool fill(std::span<u8> out) EXCLUDES(lock_);
    /// Renews the key. `out` gets the part of the block after the key, at most all of it.
    void step(std::span<u8> out) REQUIRES(lock_);

    SpinLock lock_;
    ChaCha20Key key_ GUARDED_BY(lock_){};
    bool seeded_ GUARDED_BY(lock_) = false;
};

} // namespace trv

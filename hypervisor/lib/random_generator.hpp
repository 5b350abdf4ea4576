#pragma once
// Random bytes out of one seed: ChaCha20 with fast key erasure. Each block that is made gives the next key first and
// bytes to hand out then, and is erased: nothing is handed out twice, and neither what was handed out nor the key of
// later tells what else was. [D. J. Bernstein, Fast-key-erasure random-number generators]

#include "lib/chacha20.hpp"
#include "lib/spinlock.hpp"

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

    /// Mixes in secret data, on top of what was mixed in before. The first time at least 32 bytes that were
    /// drawn at random: draw() relies on them.
    void seed(std::span<const u8> entropy) EXCLUDES(lock_);

    /// @return nothing as long as there is no seed
    template <typename T>
    [[nodiscard]] std::optional<T> draw() EXCLUDES(lock_) {
        std::array<u8, sizeof(T)> bytes;
        return fill(bytes) ? std::optional(std::bit_cast<T>(bytes)) : std::nullopt;
    }

  private:
    [[nodiscard]] bool fill(std::span<u8> out) EXCLUDES(lock_);
    /// Renews the key. `out` gets what of the block is not the key; at most that much.
    void step(std::span<u8> out) REQUIRES(lock_);

    SpinLock lock_;
    ChaCha20Key key_ GUARDED_BY(lock_){};
    bool seeded_ GUARDED_BY(lock_) = false;
};

} // namespace trv

// SPDX-License-Identifier: Apache-2.0
#include "sync/random_generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>

namespace trv {
namespace {

using Bytes32 = std::array<u8, 32>;

class Random : public testing::Test {
  protected:
    Bytes32 seed_ = [] {
        Bytes32 bytes{};
        bytes.fill(0x5a);
        return bytes;
    }();
    RandomGenerator random_;
};

TEST_F(Random, GivesNothingWithoutASeed) {
    EXPECT_FALSE(random_.draw<u64>());
    random_.seed({});
    EXPECT_FALSE(random_.draw<u64>()) << "an empty one is none";
}

TEST_F(Random, HandsNothingOutTwice) {
    random_.seed(seed_);
    std::set<u64> drawn;
    for (unsigned i = 0; i < 1000; ++i) {
        drawn.insert(random_.draw<u64>().value());
    }
    EXPECT_EQ(drawn.size(), 1000U);
}

TEST_F(Random, ABlockGivesTheNextKeyAndThenWhatIsHandedOut) {
    random_.seed(seed_);
    ChaCha20Block block;
    chacha20_block(seed_, 0, {}, block);
    for (unsigned i = 0; i < 3; ++i) {
        ChaCha20Key key;
        std::copy_n(block.begin(), key.size(), key.begin());
        chacha20_block(key, 0, {}, block);
        EXPECT_TRUE(std::equal(block.begin() + 32, block.end(), random_.draw<Bytes32>()->begin()));
    }
}

TEST_F(Random, LongDrawsTakeSeveralBlocks) {
    random_.seed(seed_);
    const auto drawn = random_.draw<std::array<u8, 72>>().value();
    RandomGenerator same;
    same.seed(seed_);
    for (const std::ptrdiff_t block : {0, 32}) {
        const auto expected = same.draw<Bytes32>().value();
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), drawn.begin() + block));
    }
    const auto rest = same.draw<u64>().value();
    EXPECT_EQ(std::memcmp(&rest, &drawn[64], 8), 0);
}

TEST_F(Random, EveryByteOfASeedCounts) {
    std::array<u8, 40> seed{};
    std::set<u64> drawn;
    for (u8& byte : seed) {
        RandomGenerator random;
        byte = 1;
        random.seed(seed);
        byte = 0;
        drawn.insert(random.draw<u64>().value());
    }
    EXPECT_EQ(drawn.size(), seed.size());
}

TEST_F(Random, ASecondSeedIsMixedIn) {
    random_.seed(seed_);
    random_.seed(seed_);
    RandomGenerator once;
    once.seed(seed_);
    EXPECT_NE(random_.draw<u64>(), once.draw<u64>());
}

} // namespace
} // namespace trv

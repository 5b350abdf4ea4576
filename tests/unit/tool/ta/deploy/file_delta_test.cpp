// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/file_delta.hpp"

#include <gtest/gtest.h>

#include <random>

namespace trv::tool::ta {
namespace {

std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < size) {
        text += static_cast<char>(random());
    }
    return text;
}

/// What the other side makes of the pieces.
std::string put_together(const std::string& old_file, const std::vector<Piece>& pieces) {
    std::string text;
    for (const Piece& piece : pieces) {
        text += piece.in_old ? std::string_view(old_file).substr(piece.old_offset, piece.bytes.size()) : piece.bytes;
    }
    return text;
}

std::size_t sent_bytes(const std::vector<Piece>& pieces) {
    std::size_t bytes = 0;
    for (const Piece& piece : pieces) {
        bytes += piece.in_old ? 0 : piece.bytes.size();
    }
    return bytes;
}

TEST(FileDelta, WithoutAnOldFileEverythingIsNew) {
    EXPECT_EQ(file_delta("", "abc"), (std::vector<Piece>{{.bytes = "abc"}}));
    EXPECT_TRUE(file_delta("abc", "").empty());
}

TEST(FileDelta, AnEqualFileIsOneCopy) {
    const std::string file = noise(5000, 1);
    EXPECT_EQ(file_delta(file, file), (std::vector<Piece>{{.bytes = file, .in_old = true, .old_offset = 0}}));
}

TEST(FileDelta, SendsLittleForASmallChange) {
    const std::string file = noise(100'000, 2);
    std::string changed = file;
    changed[70'000] ^= 1;
    changed.insert(20'000, "moves the rest");
    const auto pieces = file_delta(file, changed);
    EXPECT_EQ(put_together(file, pieces), changed);
    EXPECT_LT(sent_bytes(pieces), 200U);
    EXPECT_LE(pieces.size(), 6U);
}

TEST(FileDelta, BringsAnyFileBack) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        const std::string old_file = noise(random() % 3000, seed);
        std::string new_file;
        while (new_file.size() < 3000) {
            const std::size_t from = random() % (old_file.size() + 1);
            new_file += old_file.substr(from, random() % 600) + noise(random() % 100, random());
        }
        EXPECT_EQ(put_together(old_file, file_delta(old_file, new_file)), new_file) << seed;
    }
}

} // namespace
} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#include "guest/aarch32/zimage.hpp"
#include "tests/unit/contract/zimage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace trv::guest {
namespace {

using contract::zimage::size_at;
using contract::zimage::table_at;

struct ZImage {
    std::vector<u8> bytes = std::vector<u8>(0x1000);

    ZImage() { std::ranges::copy(contract::zimage::example(), bytes.begin()); }
    void set(std::size_t at, u32 value) {
        for (unsigned i = 0; i < 4; ++i) {
            bytes[at + i] = static_cast<u8>(value >> (8 * i));
        }
    }
    [[nodiscard]] std::expected<KernelImage, ImageError> parse() {
        const auto byte = [](u64 offset, void* file) { return static_cast<std::vector<u8>*>(file)->at(offset); };
        return parse_zimage(bytes.size(), byte, &bytes);
    }
    [[nodiscard]] ImageError error() {
        const auto image = parse();
        EXPECT_FALSE(image);
        return image ? ImageError::BadRam : image.error();
    }
};

constexpr IpaRange ram{Ipa(0x4000'0000), 128 * MiB};

TEST(ZImage, LiesBehindWhatItUnpacksTo) {
    ZImage file;
    EXPECT_TRUE(is_zimage(file.bytes));
    const auto image = file.parse();
    ASSERT_TRUE(image);
    EXPECT_TRUE(image->aarch32);
    EXPECT_EQ(image->lead, 24 * MiB) << "22 MiB and 32 KiB, in whole blocks";
    EXPECT_EQ(image->memory_size, 0x1000 + MiB);
    const auto placed = place_image(ram, *image, 5 * MiB, 4096);
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->kernel, Ipa(0x4180'0000));
    EXPECT_EQ(placed->tree.base, Ipa(0x41a0'0000));
    EXPECT_EQ(placed->ramdisk->base, Ipa(0x41a0'1000));
    EXPECT_TRUE(placed->aarch32);
    EXPECT_EQ(place_image({ram.base, 24 * MiB}, *image, 0, 4096).error(), ImageError::NoRoomForKernel);
    EXPECT_EQ(place_image({ram.base, 26 * MiB}, *image, 0, 4096).error(), ImageError::NoRoomForTree);
}

TEST(ZImage, OthersAreNone) {
    EXPECT_FALSE(is_zimage({}));
    EXPECT_FALSE(is_zimage(std::array<u8, 64>{}));
    const ZImage file;
    EXPECT_FALSE(is_zimage(std::span(file.bytes).first(0x27)));
}

TEST(ZImage, RefusesWhatDoesNotStateItsSize) {
    ZImage file;
    file.set(table_at + 4, 1);
    EXPECT_EQ(file.error(), ImageError::NoTable);
    file = {};
    file.set(0x34, 0);
    EXPECT_EQ(file.error(), ImageError::NoTable);
}

TEST(ZImage, RefusesImpossibleFields) {
    ZImage file;
    file.set(0x30, 0x0102'0304);
    EXPECT_EQ(file.error(), ImageError::BigEndian);
    for (const u32 at : {0xffeU, 0xffcU, 0x1000U, 0xffff'fff0U, 0xffff'fffcU, 0x102U}) {
        file = {};
        file.set(0x38, at);
        EXPECT_EQ(file.error(), ImageError::Truncated) << at;
    }
    for (const u32 at : {0xffdU, 0x1000U, 0xffff'fffcU}) {
        file = {};
        file.set(table_at + 8, at);
        EXPECT_EQ(file.error(), ImageError::Truncated) << at;
    }
    for (const u32 field : {table_at + 12, table_at + 16, size_at}) {
        file = {};
        file.set(field, 0xffff'ffff);
        EXPECT_EQ(file.error(), ImageError::BadSize);
    }
    file = {};
    file.bytes.resize(0x3b);
    EXPECT_EQ(file.error(), ImageError::Truncated);
    file.bytes.clear();
    EXPECT_EQ(file.error(), ImageError::Truncated);
}

TEST(ZImage, WhateverItSaysItLiesInsideOfRam) {
    std::mt19937 random; // NOLINT(cert-msc51-cpp): the same each time
    unsigned accepted = 0;
    for (unsigned i = 0; i < 20'000; ++i) {
        ZImage file;
        file.set(std::array<u32, 5>{0x38, table_at + 8, table_at + 12, table_at + 16, size_at}[random() % 5],
                 static_cast<u32>(random()) >> random() % 32);
        const auto image = file.parse();
        const auto placed =
            image ? place_image(ram, *image, random() % (8 * MiB), 4096) : std::unexpected(image.error());
        if (placed) {
            ++accepted;
            EXPECT_GE(placed->kernel, ram.base);
            EXPECT_LE(placed->kernel + file.bytes.size(), placed->tree.base);
            EXPECT_LE(placed->ramdisk.value_or(placed->tree).end(), ram.end());
        }
    }
    EXPECT_GT(accepted, 100U);
}

TEST(ZImage, NeedsTheStateInTheCpu) {
    EXPECT_TRUE(has_aarch32(0x2222)) << "Cortex-A57";
    EXPECT_FALSE(has_aarch32(0x0011'1112)) << "Cortex-A76: applications only";
}

} // namespace
} // namespace trv::guest

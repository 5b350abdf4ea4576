// SPDX-License-Identifier: Apache-2.0
#include "guest/image.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace trv::guest {
namespace {

struct Header {
    std::array<u8, image_header_size> bytes{};

    void set(std::size_t at, u64 value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) {
            bytes[at + i] = static_cast<u8>(value >> (8 * i));
        }
    }
    Header() {
        set(0, 0xfa405a4d, 4); // "MZ" and ccmp, as Linux has it
        set(16, 0x230'0000, 8);
        set(24, 0xa, 8);
        std::memcpy(bytes.data() + 56, "ARM\x64", 4);
    }
};

ImageError error_of(const Header& header, u64 file_size = 0x200'0000) {
    const auto image = parse_image(header.bytes, file_size);
    EXPECT_FALSE(image);
    return image ? ImageError::Truncated : image.error();
}

TEST(Image, ReadsAKernelsHeader) {
    const auto image = parse_image(Header().bytes, 0x200'0000);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->text_offset, 0U);
    EXPECT_EQ(image->memory_size, 0x230'0000U);
    EXPECT_EQ(image->page_size, KernelImage::PageSize::KiB4);
    EXPECT_TRUE(image->anywhere);
}

TEST(Image, NeedsRoomForAFileLargerThanItsHeaderTells) {
    EXPECT_EQ(parse_image(Header().bytes, 0x300'0000)->memory_size, 0x300'0000U);
}

TEST(Image, RefusesWhatIsNoImage) {
    Header header;
    header.bytes[56] = 'X';
    EXPECT_EQ(error_of(header), ImageError::NotArm64);
    EXPECT_EQ(error_of(Header(), 63), ImageError::Truncated);
    EXPECT_EQ(parse_image(std::span(header.bytes).first(63), 4096).error(), ImageError::Truncated);
    EXPECT_EQ(parse_image({}, 0).error(), ImageError::Truncated);
}

TEST(Image, RecognisesCompressedKernels) {
    for (const std::string_view start : {std::string_view("\x1f\x8b\x08"), std::string_view("BZh9"),
                                         std::string_view("\xfd"
                                                          "7zXZ\0",
                                                          6),
                                         std::string_view("\x28\xb5\x2f\xfd"), std::string_view("MZ\0\0zimg", 8)}) {
        Header header;
        start.copy(reinterpret_cast<char*>(header.bytes.data()), start.size());
        EXPECT_EQ(error_of(header), ImageError::Compressed) << start;
    }
}

TEST(Image, RefusesImpossibleFields) {
    Header header;
    header.set(24, 1, 8);
    EXPECT_EQ(error_of(header), ImageError::BigEndian);
    header = Header();
    header.set(16, 0, 8);
    EXPECT_EQ(error_of(header), ImageError::NoSize);
    header.set(16, ~u64{0}, 8);
    EXPECT_EQ(error_of(header), ImageError::BadSize);
    header = Header();
    header.set(8, 2 * MiB, 8);
    EXPECT_EQ(error_of(header), ImageError::BadTextOffset);
    header.set(8, 2, 8);
    EXPECT_EQ(error_of(header), ImageError::BadTextOffset);
    EXPECT_EQ(error_of(Header(), ~u64{0}), ImageError::BadSize);
}

TEST(Image, NeedsPagesThatTheCpuHas) {
    using Size = KernelImage::PageSize;
    constexpr u64 cortex_a57 = 0x0000'1124; // 4 and 64 KiB
    constexpr u64 cortex_a76 = 0x0010'1122;
    constexpr u64 only_4k = 0x0f00'0000;
    for (const u64 mmfr0 : {cortex_a57, cortex_a76, only_4k}) {
        EXPECT_TRUE(has_pages(mmfr0, Size::KiB4));
        EXPECT_TRUE(has_pages(mmfr0, Size::Unspecified));
        EXPECT_EQ(has_pages(mmfr0, Size::KiB16), mmfr0 == cortex_a76);
        EXPECT_EQ(has_pages(mmfr0, Size::KiB64), mmfr0 != only_4k);
    }
}

constexpr IpaRange ram{Ipa(0x4000'0000), 128 * MiB};

KernelImage kernel_of(u64 memory_size, u64 text_offset = 0) {
    return {.text_offset = text_offset, .memory_size = memory_size};
}

TEST(PlaceImage, PutsKernelTreeAndRamdiskInOrder) {
    const auto placed = place_image(ram, kernel_of(0x230'0000, 0x8'0000), 7 * MiB + 5, 6000);
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->kernel, Ipa(0x4008'0000));
    EXPECT_EQ(placed->tree, (IpaRange{Ipa(0x4240'0000), 6000}));
    EXPECT_EQ(placed->ramdisk, (IpaRange{Ipa(0x4240'2000), 7 * MiB + 5}));
}

TEST(PlaceImage, KeepsTheTreeInOneBlockOfItsOwn) {
    const auto placed = place_image(ram, kernel_of(4 * MiB), 0, 2 * MiB);
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->tree.base, Ipa(0x4040'0000));
    EXPECT_FALSE(placed->ramdisk);
}

TEST(PlaceImage, StartsAtABlockBoundary) {
    EXPECT_EQ(place_image({Ipa(0x4000'1000), 64 * MiB}, kernel_of(MiB), 0, 4096)->kernel, Ipa(0x4020'0000));
}

TEST(PlaceImage, SaysWhatDoesNotFit) {
    EXPECT_EQ(place_image(ram, kernel_of(128 * MiB + 1), 0, 1).error(), ImageError::NoRoomForKernel);
    EXPECT_EQ(place_image(ram, kernel_of(128 * MiB), 0, 1).error(), ImageError::NoRoomForTree);
    EXPECT_EQ(place_image(ram, kernel_of(100 * MiB), 28 * MiB - 4095, 4096).error(), ImageError::NoRoomForRamdisk);
    EXPECT_EQ(place_image(ram, kernel_of(100 * MiB), ~u64{0}, 4096).error(), ImageError::NoRoomForRamdisk);
    EXPECT_EQ(place_image(ram, kernel_of(MiB), 0, 0).error(), ImageError::BadTreeSize);
    EXPECT_EQ(place_image(ram, kernel_of(MiB), 0, 2 * MiB + 1).error(), ImageError::BadTreeSize);
    EXPECT_EQ(place_image({Ipa(0x4000'1000), MiB}, kernel_of(1), 0, 1).error(), ImageError::NoRoomForKernel);
}

TEST(PlaceImage, SurvivesHostileNumbers) {
    EXPECT_EQ(place_image({Ipa(0), 0}, kernel_of(1), 0, 1).error(), ImageError::BadRam);
    EXPECT_EQ(place_image({Ipa(~u64{0} - 4096), 4096}, kernel_of(1), 0, 1).error(), ImageError::BadRam);
    EXPECT_EQ(place_image({Ipa(~u64{0} - 4096), 8192}, kernel_of(1), 0, 1).error(), ImageError::BadRam);
    EXPECT_EQ(place_image(ram, kernel_of(~u64{0}), 0, 1).error(), ImageError::NoRoomForKernel);
    EXPECT_EQ(place_image(ram, kernel_of(1, ~u64{0}), 0, 1).error(), ImageError::NoRoomForKernel);
}

TEST(PlaceImage, FillsRamToItsLastByte) {
    EXPECT_TRUE(place_image(ram, kernel_of(100 * MiB), 28 * MiB - 4096, 4096));
}

} // namespace
} // namespace trv::guest

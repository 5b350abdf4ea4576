// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/firmware.hpp"
#include "tool/guest/little_endian.hpp"

#include <gtest/gtest.h>

namespace trv::tool::guest {
namespace {

std::string firmware(std::size_t size) {
    std::string bytes(size, 'f');
    put_little_endian<std::uint32_t>(bytes, 0, 0x1400'0010);
    return bytes;
}

TEST(Firmware, TheKernelFollowsOnAPageOfItsOwn) {
    const auto image = firmware_image(firmware(5000), "u-boot.bin", "kernel");
    ASSERT_TRUE(image);
    EXPECT_EQ(image->firmware_size, 8192U);
    EXPECT_EQ(image->bytes.substr(0, 5000), firmware(5000));
    EXPECT_EQ(image->bytes.substr(5000, 3192), std::string(3192, '\0'));
    EXPECT_EQ(image->bytes.substr(8192), "kernel");
}

TEST(Firmware, WhatFillsItUpTakesNoMemory) {
    const auto image = firmware_image(firmware(5000) + std::string(64 << 20, '\0'), "AAVMF_CODE.fd", "");
    ASSERT_TRUE(image);
    EXPECT_EQ(image->bytes.size(), 8192U);
    EXPECT_EQ(flash_memory(image->firmware_size), 4U << 20);
    EXPECT_EQ(flash_memory((2 << 20) + 1), 6U << 20);
}

TEST(Firmware, WhatIsNoneIsRefused) {
    for (const std::string& bytes : {std::string{},
                                     std::string("\x7f"
                                                 "ELF"),
                                     std::string(4096, '\0'), std::string(4096, 'x')}) {
        const auto refused = firmware_image(bytes, "file", "");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().what, "is not firmware for arm64: it does not begin with a branch");
    }
    EXPECT_FALSE(firmware_image(firmware((64 << 20) + 1), "file", ""));
}

TEST(Firmware, OneThatIsCutOffIsRefused) {
    std::string bytes = firmware(4096); // whose first branch goes to byte 0x40
    bytes.replace(0x68, 4, "_FVH");
    put_little_endian<std::uint64_t>(bytes, 0x60, 4096 - 0x40);
    EXPECT_TRUE(firmware_image(bytes, "QEMU_EFI.fd", ""));
    bytes.pop_back();
    const auto refused = firmware_image(bytes, "QEMU_EFI.fd", "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what,
              "is cut off: it says that its volume has 4032 bytes, and 4031 of them are in the file");
}

} // namespace
} // namespace trv::tool::guest

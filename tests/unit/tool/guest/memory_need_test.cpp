// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/contract/zimage.hpp"
#include "tool/guest/memory_need.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::guest {
namespace {

constexpr std::uint64_t mib = 1024 * 1024;

/// An Image whose header asks for `size` bytes, with nothing behind the header.
std::string image(std::uint64_t text_offset, std::uint64_t size) {
    std::string bytes(64, '\0');
    for (unsigned index = 0; index < 8; ++index) {
        bytes[8 + index] = static_cast<char>(text_offset >> (8 * index));
        bytes[16 + index] = static_cast<char>(size >> (8 * index));
    }
    return bytes;
}

TEST(MemoryNeed, CountsTheKernelsOwnSizeAndTheRamDiskTwice) {
    const auto folder = TemporaryFolder::create(std::filesystem::temp_directory_path(), "need");
    ASSERT_TRUE(folder);
    const auto file = folder->path() / "Image";
    ASSERT_TRUE(write_file(file, image(0x8'0000, 44 * mib)));
    const auto alone = memory_need(file, std::nullopt);
    ASSERT_TRUE(alone) << to_string(alone.error());
    EXPECT_EQ(alone->kernel, 46 * mib); // with its offset, in whole blocks
    EXPECT_EQ(alone->sum(), 48 * mib);
    EXPECT_EQ(memory_need(file, 200 * mib)->sum(), 448 * mib);
}

TEST(MemoryNeed, CountsWhatA32BitKernelUnpacksTo) {
    const auto folder = TemporaryFolder::create(std::filesystem::temp_directory_path(), "need");
    ASSERT_TRUE(folder);
    ASSERT_TRUE(write_file(folder->path() / "zImage", contract::zimage::example()));
    const auto need = memory_need(folder->path() / "zImage", 5 * mib);
    ASSERT_TRUE(need) << to_string(need.error());
    EXPECT_EQ(need->kernel, 26 * mib) << "24 for what it becomes, then the file and its work";
    EXPECT_EQ(need->sum(), 38 * mib);
}

TEST(MemoryNeed, RefusesWhatTheHypervisorWouldRefuseAtBoot) {
    const auto folder = TemporaryFolder::create(std::filesystem::temp_directory_path(), "need");
    ASSERT_TRUE(folder);
    const auto file = folder->path() / "Image";
    const auto refusal = [&](const std::string& bytes) {
        EXPECT_TRUE(write_file(file, bytes));
        const auto need = memory_need(file, std::nullopt);
        return need ? "accepted" : need.error().what;
    };
    EXPECT_EQ(refusal(image(0, 2 * mib)), "accepted");
    auto big_endian = image(0, 2 * mib);
    big_endian[24] = 1;
    EXPECT_EQ(refusal(big_endian), "is a big-endian kernel");
    EXPECT_EQ(refusal(image(0, 0)), "has no size in its header: it is older than Linux 3.17");
    for (const auto& bytes : {image(2 * mib, 2 * mib), image(2, 2 * mib), image(0, ~std::uint64_t{0})}) {
        EXPECT_EQ(refusal(bytes), "has an impossible size or text offset in its header");
    }
}

TEST(MemoryNeed, RefusesWhatHasNoHeader) {
    const auto folder = TemporaryFolder::create(std::filesystem::temp_directory_path(), "need");
    ASSERT_TRUE(folder);
    ASSERT_TRUE(write_file(folder->path() / "Image", "short"));
    EXPECT_FALSE(memory_need(folder->path() / "Image", std::nullopt));
    EXPECT_FALSE(memory_need(folder->path() / "nowhere", std::nullopt));
}

} // namespace
} // namespace trv::tool::guest

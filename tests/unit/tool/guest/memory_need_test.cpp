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

TEST(MemoryNeed, RefusesWhatHasNoHeader) {
    const auto folder = TemporaryFolder::create(std::filesystem::temp_directory_path(), "need");
    ASSERT_TRUE(folder);
    ASSERT_TRUE(write_file(folder->path() / "Image", "short"));
    EXPECT_FALSE(memory_need(folder->path() / "Image", std::nullopt));
    EXPECT_FALSE(memory_need(folder->path() / "nowhere", std::nullopt));
}

} // namespace
} // namespace trv::tool::guest

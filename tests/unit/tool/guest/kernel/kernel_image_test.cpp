// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/kernel_image.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <gtest/gtest.h>

namespace trv::tool::guest {
namespace {

std::string raw() {
    std::string bytes(256, '\0');
    bytes.replace(0x38, 4, "ARM\x64");
    return bytes;
}

std::string gzipped(const std::string& bytes) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    EXPECT_TRUE(write_file(folder.path() / "file", bytes));
    return *capture("gzip", {.arguments = {"gzip", "-c", folder.path() / "file"}});
}

std::string zboot(const std::string& payload, std::uint32_t size) {
    std::string bytes("MZ\0\0zimg\x40\0\0\0", 12);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes += static_cast<char>(size >> shift & 0xffU);
    }
    bytes.resize(0x40);
    return bytes + payload;
}

TEST(KernelImage, ARawOneStaysAsItIs) {
    EXPECT_EQ(raw_image(raw(), "Image", "a hint"), raw());
}

TEST(KernelImage, GzipIsUndone) {
    EXPECT_EQ(raw_image(gzipped(raw()), "vmlinuz", "a hint"), raw());
}

TEST(KernelImage, EfiZbootIsUndone) {
    const std::string payload = gzipped(raw());
    EXPECT_EQ(raw_image(zboot(payload, static_cast<std::uint32_t>(payload.size())), "vmlinuz", "a hint"), raw());
}

TEST(KernelImage, AZbootHeaderThatLiesIsRefused) {
    EXPECT_FALSE(raw_image(zboot("short", 0xffffffff), "vmlinuz", "a hint"));
}

TEST(KernelImage, AnythingElseIsAUsageError) {
    for (const std::string& bytes :
         {std::string(), std::string("ARM\x64"), gzipped("text"), std::string(4096, 'x'), std::string("\x1f\x8b", 2)}) {
        EXPECT_FALSE(raw_image(bytes, "file", "a hint"));
    }
}

TEST(KernelImage, ADamagedOneIsReportedWithTheCallersHint) {
    auto bytes = gzipped(raw());
    bytes.resize(bytes.size() / 2);
    const auto refused = raw_image(bytes, "mine.gz", "Fetch it again.");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().place, "mine.gz");
    EXPECT_EQ(refused.error().hint, "Fetch it again.");
}

} // namespace
} // namespace trv::tool::guest

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/contract/zimage.hpp"
#include "tool/guest/kernel/kernel_image.hpp"
#include "tool/guest/little_endian.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <gtest/gtest.h>

namespace trv::tool::guest {
namespace {

namespace zimage = contract::zimage;

std::string raw() {
    std::string bytes(256, '\0');
    bytes.replace(0x38, 4, "ARM\x64");
    return bytes;
}

std::string packed(const std::string& bytes, std::vector<std::string> packer) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    EXPECT_TRUE(write_file(folder.path() / "file", bytes));
    packer.push_back(folder.path() / "file");
    return *capture("packer", {.arguments = packer});
}

std::string gzipped(const std::string& bytes) {
    return packed(bytes, {"gzip", "-c"});
}

/// An EFI program with one section, which ends with the file.
std::string efi_kernel() {
    std::string bytes = raw();
    const auto put = [&bytes](std::size_t at, std::uint32_t value) {
        for (unsigned index = 0; index < 4; ++index) {
            bytes[at + index] = static_cast<char>(value >> 8 * index);
        }
    };
    bytes.replace(0, 2, "MZ");
    put(0x3c, 0x40);
    bytes.replace(0x40, 4, std::string_view("PE\0\0", 4));
    bytes[0x46] = 1;
    put(0x58 + 16, 0x80);
    put(0x58 + 20, 0x80);
    return bytes;
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

TEST(KernelImage, OtherCompressionsAreUndone) {
    EXPECT_EQ(raw_image(packed(raw(), {"xz", "-c", "--check=crc32"}), "vmlinuz", "a hint"), raw());
    EXPECT_EQ(raw_image(packed(raw(), {"xz", "-c", "--format=lzma"}), "vmlinuz", "a hint"), raw());
    EXPECT_EQ(raw_image(packed(raw(), {"python3", "-c",
                                       "import bz2, sys; "
                                       "sys.stdout.buffer.write(bz2.compress(open(sys.argv[1], 'rb').read()))"}),
                        "vmlinuz", "a hint"),
              raw());
}

TEST(KernelImage, Lz4AsKernelsUseItIsUndone) {
    // The legacy format: a magic number, and a block of one sequence that is all literals.
    std::string block("\xf0\xf1", 2); // 15, and 255 - 14 more: 256
    block += raw();
    std::string stream("\x02\x21\x4c\x18\x02\x01\0\0", 8);
    EXPECT_EQ(raw_image(stream + block, "vmlinuz", "a hint"), raw());
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

TEST(KernelImage, OneThatIsCutOffIsRefused) {
    const std::string whole = efi_kernel();
    EXPECT_EQ(raw_image(whole, "Image", "Copy it."), whole);
    for (const std::size_t size : {whole.size() - 1, std::size_t{0x50}}) {
        const auto cut = raw_image(whole.substr(0, size), "Image", "Copy it.");
        ASSERT_FALSE(cut);
        EXPECT_NE(cut.error().what.find("is cut off: its header says that it has"), std::string::npos)
            << cut.error().what;
        EXPECT_EQ(cut.error().hint, "Copy it.");
    }
}

TEST(KernelImage, A32BitOneIsTakenAsItIs) {
    EXPECT_TRUE(is_zimage(zimage::example()));
    EXPECT_FALSE(is_zimage(raw()));
    EXPECT_FALSE(is_zimage("short"));
    EXPECT_TRUE(check_zimage(zimage::example(), "zImage", "a hint"));
}

TEST(KernelImage, ADamaged32BitOneIsRefused) {
    const auto refusal = [](const std::string& bytes) {
        const auto checked = check_zimage(bytes, "zImage", "Copy it.");
        return checked ? std::string{"not refused"} : checked.error().what;
    };
    EXPECT_EQ(refusal(zimage::example().substr(0, 0xfff)),
              "is cut off: its header says that it has 4096 bytes, and the file has 4095");
    EXPECT_NE(refusal(zimage::example().substr(0, 0x2a)).find("is cut off"), std::string::npos);
    auto bytes = zimage::example();
    put_little_endian<std::uint32_t>(bytes, 0x38, 0x1000);
    EXPECT_EQ(refusal(bytes), "is damaged: its header leads out of the file");
    put_little_endian<std::uint32_t>(bytes, 0x34, 0);
    EXPECT_EQ(refusal(bytes), "has no size in its header: it is older than Linux 4.15");
    bytes = zimage::example();
    put_little_endian<std::uint32_t>(bytes, 0x30, 0x0102'0304);
    EXPECT_EQ(refusal(bytes), "is a big-endian kernel");
    bytes = zimage::example();
    put_little_endian<std::uint32_t>(bytes, zimage::size_at, 0xffff'0000);
    EXPECT_EQ(refusal(bytes), "has an impossible size in its header");
}

TEST(KernelImage, WhatElseAFileIsIsSaid) {
    const auto with = [](std::size_t offset, std::string_view magic) {
        std::string bytes(1024, '\0');
        bytes.replace(offset, magic.size(), magic);
        const auto refused = raw_image(bytes, "file", "a hint");
        return refused ? std::string{"not refused"} : refused.error().what;
    };
    EXPECT_EQ(with(0x24, std::string_view("\x18\x28\x6f\x01", 4)), "is a 32-bit Arm kernel (zImage)");
    EXPECT_EQ(with(0x202, "HdrS"), "is an x86 kernel (bzImage)");
    EXPECT_EQ(with(0x38, "RSC\x05"), "is a RISC-V kernel");
    EXPECT_EQ(with(0, "070701"), "is a cpio archive");
    EXPECT_EQ(with(0, "MZ"), "is an EFI program, but not an arm64 kernel");
    EXPECT_EQ(raw_image("", "file", "a hint").error().what, "is empty");
}

} // namespace
} // namespace trv::tool::guest

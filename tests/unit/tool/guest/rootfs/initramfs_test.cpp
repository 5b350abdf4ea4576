// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/cpio_writer.hpp"
#include "tool/guest/rootfs/initramfs.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::guest {
namespace {

class Initramfs : public testing::Test {
  protected:
    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Paths paths_{folder_.path()};
    std::filesystem::path rootfs_ = folder_.path() / "own.cpio";
    std::filesystem::path out_ = folder_.path() / "out";
};

TEST_F(Initramfs, ArchivesStartAtMultiplesOfFour) {
    std::string joined = "12345";
    append_aligned(joined, "abc");
    EXPECT_EQ(joined, std::string("12345\0\0\0abc", 11));
    append_aligned(joined, "");
    EXPECT_EQ(joined.size(), 12U);
}

TEST_F(Initramfs, AnOwnKernelBringsNoModules) {
    ASSERT_TRUE(write_file(rootfs_, "cpio"));
    ASSERT_EQ(compose_initramfs(paths_, "./Image", rootfs_, std::nullopt, out_), out_);
    EXPECT_EQ(read_file(out_), "cpio");
}

TEST_F(Initramfs, TheOverlayComesLast) {
    ASSERT_TRUE(write_file(rootfs_, "cpio"));
    ASSERT_TRUE(write_file(folder_.path() / "overlay" / "hello", "world"));
    ASSERT_TRUE(compose_initramfs(paths_, "./Image", rootfs_, folder_.path() / "overlay", out_));
    const std::string content = *read_file(out_);
    EXPECT_TRUE(content.starts_with("cpio070701"));
    EXPECT_NE(content.find("hello"), std::string::npos);
}

TEST_F(Initramfs, WhatIsMissingIsNamed) {
    EXPECT_EQ(compose_initramfs(paths_, "./Image", "none", std::nullopt, out_).error().key, "rootfs");
    EXPECT_EQ(compose_initramfs(paths_, "./Image", "demo", std::nullopt, out_).error().place, "demo");
    ASSERT_TRUE(write_file(rootfs_, "cpio"));
    EXPECT_EQ(compose_initramfs(paths_, "./Image", rootfs_, folder_.path() / "none", out_).error().key, "overlay");
}

} // namespace
} // namespace trv::tool::guest

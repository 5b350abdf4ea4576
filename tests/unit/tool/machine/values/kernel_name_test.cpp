// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/kernel_name.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::machine {
namespace {

TEST(KernelName, StandsForAMetaPackage) {
    const auto package = kernel_package("debian:trixie/cloud");
    ASSERT_TRUE(package);
    EXPECT_EQ(package->text(), "trixie/linux-image-cloud-arm64");
    EXPECT_EQ(package->kind, packages::PackageKind::Kernel);
}

TEST(KernelName, SaysWhatIsFor32Bits) {
    EXPECT_EQ(kernel_package("debian:trixie/armhf")->text(), "trixie/linux-image-armmp:armhf");
    EXPECT_TRUE(is_32_bit("debian:trixie/armhf"));
    EXPECT_TRUE(is_32_bit("debian:trixie/armhf-lpae"));
    EXPECT_FALSE(is_32_bit("debian:trixie"));
    EXPECT_FALSE(is_32_bit("guest:checks"));
    const auto folder = TemporaryFolder::create(std::filesystem::temp_directory_path(), "kernel");
    ASSERT_TRUE(folder);
    const std::string file = folder->path() / "zImage";
    ASSERT_TRUE(write_file(file, std::string(36, '\0') + "\x18\x28\x6f\x01"));
    EXPECT_TRUE(is_32_bit(file));
    ASSERT_TRUE(write_file(file, std::string(36, '\0') + "\x18\x28\x6f"));
    EXPECT_FALSE(is_32_bit(file));
}

TEST(KernelName, APathIsNone) {
    EXPECT_FALSE(kernel_package("./Image"));
    EXPECT_TRUE(check_kernel_name("./Image"));
}

TEST(KernelName, DefaultsAreKnown) {
    for (const char* name : default_kernels) {
        EXPECT_TRUE(kernel_package(name)) << name;
    }
}

TEST(KernelName, AnUnknownDebianKernelIsRefusedWithTheKnownOnes) {
    const Result<void> result = check_kernel_name("debian:potato");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Usage);
    EXPECT_NE(result.error().hint.find("debian:trixie/cloud"), std::string::npos);
}

} // namespace
} // namespace trv::tool::machine

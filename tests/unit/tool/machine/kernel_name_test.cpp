// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/kernel_name.hpp"

#include <gtest/gtest.h>

namespace trv::tool::machine {
namespace {

TEST(KernelName, StandsForAMetaPackage) {
    const auto package = kernel_package("debian:trixie/cloud");
    ASSERT_TRUE(package);
    EXPECT_EQ(package->text(), "trixie/linux-image-cloud-arm64");
    EXPECT_EQ(package->kind, packages::PackageKind::Kernel);
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

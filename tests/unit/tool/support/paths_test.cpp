// SPDX-License-Identifier: Apache-2.0
#include "tool/support/paths.hpp"

#include <gtest/gtest.h>

namespace trv::tool {
namespace {

TEST(Paths, LieBelowTheCheckout) {
    const Paths paths("/checkout");
    EXPECT_EQ(paths.packages(), "/checkout/build/cache/packages");
    EXPECT_EQ(paths.hypervisor_image(), "/checkout/build/hypervisor/hypervisor/trivisor.bin");
}

TEST(Paths, AreShownRelativeWithinTheCheckoutOnly) {
    const Paths paths("/checkout");
    EXPECT_EQ(paths.shown("/checkout/build/run"), "build/run");
    EXPECT_EQ(paths.shown("/elsewhere/file"), "/elsewhere/file");
}

TEST(Paths, AWrongRootIsAnError) {
    ::setenv("TRIVISOR_ROOT", "/usr", 1);
    const Result<Paths> paths = Paths::find();
    ::unsetenv("TRIVISOR_ROOT");
    ASSERT_FALSE(paths);
    EXPECT_EQ(paths.error().place, "TRIVISOR_ROOT");
}

} // namespace
} // namespace trv::tool

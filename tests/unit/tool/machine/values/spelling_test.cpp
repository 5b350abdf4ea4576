// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/spelling.hpp"

#include <gtest/gtest.h>

#include <array>

namespace trv::tool::machine {
namespace {

constexpr std::array<std::string_view, 4> known{"memory", "kernel", "vcpus", "cpus"};

TEST(Spelling, FindsTheWordThatWasMeant) {
    EXPECT_EQ(nearest("memroy", known), "memory");
    EXPECT_EQ(nearest("kernal", known), "kernel");
    EXPECT_EQ(nearest("vcpu", known), "vcpus");
    EXPECT_EQ(nearest("cpu", known), "cpus");
    EXPECT_EQ(nearest("cpsu", known), "cpus");
}

TEST(Spelling, ProposesNothingThatIsFar) {
    EXPECT_EQ(nearest("colour", known), std::nullopt);
    EXPECT_EQ(nearest("", {}), std::nullopt);
}

} // namespace
} // namespace trv::tool::machine

// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/guest_number.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

const std::string first = R"({"event":"vm-with-tee","ns":1,"vm":"alpha","guest":1})"
                          "\n"
                          R"({"event":"vm-with-tee","ns":2,"vm":"beta","guest":2})"
                          "\n";
const std::string stopped = R"({"event":"vm-stopped","ns":3,"vm":"alpha","reason":"reboot"})"
                            "\n";
const std::string again = R"({"event":"vm-with-tee","ns":4,"vm":"alpha","guest":3})"
                          "\n";

TEST(GuestNumber, IsTheVmsOwn) {
    EXPECT_EQ(guest_number(first, "alpha"), 1U);
    EXPECT_EQ(guest_number(first, "beta"), 2U);
    EXPECT_EQ(guest_number(first, "gamma"), std::nullopt);
}

TEST(GuestNumber, IsTheOneOfTheLastStart) {
    EXPECT_EQ(guest_number(first + stopped + again, "alpha"), 3U);
    EXPECT_EQ(guest_number(first + stopped, "alpha"), std::nullopt);
    EXPECT_EQ(guest_number(first + stopped + again, "beta"), 2U);
}

TEST(GuestNumber, IsNotInWhatIsNoEvent) {
    EXPECT_EQ(guest_number("text\n{}\n", "alpha"), std::nullopt);
}

} // namespace
} // namespace trv::tool::ta

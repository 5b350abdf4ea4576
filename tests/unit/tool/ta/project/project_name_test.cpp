// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/project/project_name.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

std::string problem(std::string_view name) {
    const auto result = check_project_name(name);
    return result ? "" : result.error().what;
}

TEST(ProjectName, TakesUpperCaseAndDashes) {
    for (const char* name : {"hello_world", "My-First-TA", "x", "ta2"}) {
        EXPECT_EQ(problem(name), "") << name;
    }
}

TEST(ProjectName, SaysWhatIsWrong) {
    EXPECT_EQ(problem(""), "is empty");
    EXPECT_EQ(problem("1st"), "does not start with a letter");
    EXPECT_EQ(problem("-x"), "does not start with a letter");
    EXPECT_EQ(problem("a b"), "contains ' '");
    EXPECT_EQ(problem("../x"), "contains '.'");
    EXPECT_EQ(problem("xtest"), "is reserved");
    EXPECT_EQ(problem("INT"), "is reserved");
    EXPECT_EQ(problem(std::string(49, 'x')), "has 49 characters; at most 48 are allowed");
}

TEST(ProjectName, BecomesCIdentifiers) {
    EXPECT_EQ(identifier("My-First-TA"), "my_first_ta");
    EXPECT_EQ(macro_name("My-First-TA"), "MY_FIRST_TA");
}

} // namespace
} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#include "tool/support/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace trv::tool {
namespace {

Result<std::unique_ptr<int>> number(bool good) {
    if (!good) {
        return failure("machines/demo.toml", "is a folder", "Name a file.");
    }
    return std::make_unique<int>(7);
}

Result<int> doubled(bool good) {
    const std::unique_ptr<int> value = TRY(number(good));
    return *value * 2;
}

TEST(Error, IsPrintedAsPlaceKeyCauseAndHint) {
    const Error error{.place = "demo.toml", .key = "vm.alpha.memory", .what = "is missing", .hint = "Add it."};
    EXPECT_EQ(to_string(error), "demo.toml: vm.alpha.memory: is missing. Add it.");
}

TEST(Error, LeavesOutWhatIsEmpty) {
    EXPECT_EQ(to_string(Error{.place = "x", .key = {}, .what = "failed", .hint = {}}), "x: failed");
    EXPECT_EQ(to_string(Error{.place = {}, .key = {}, .what = "failed.", .hint = "Try."}), "failed. Try.");
}

TEST(Error, KindDecidesTheExitCode) {
    EXPECT_EQ(exit_code(usage_error("a", "b", "c").error()), 2);
    EXPECT_EQ(exit_code(failure("a", "b").error()), 3);
}

TEST(Error, SystemFailureNamesTheReason) {
    errno = ENOENT;
    EXPECT_EQ(system_failure("x", "cannot be read").error().what, "cannot be read: No such file or directory");
}

TEST(Try, PassesOnMoveOnlyValues) {
    EXPECT_EQ(doubled(true), 14);
}

TEST(Try, ReturnsTheError) {
    const Result<int> result = doubled(false);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().what, "is a folder");
}

} // namespace
} // namespace trv::tool

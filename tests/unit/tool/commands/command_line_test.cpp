// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::tool::commands {
namespace {

int run_with(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "trivisor");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_command(static_cast<int>(arguments.size()), arguments.data());
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    return code;
}

TEST(CommandLine, HelpAndVersionAreNoMistakes) {
    EXPECT_EQ(run_with({"--help"}), 0);
    EXPECT_EQ(run_with({"--version"}), 0);
    EXPECT_EQ(run_with({"run", "--help"}), 0);
}

TEST(CommandLine, WrongUsageIsExitCodeTwo) {
    EXPECT_EQ(run_with({}), 2);
    EXPECT_EQ(run_with({"rnu"}), 2);
    EXPECT_EQ(run_with({"run"}), 2);
    EXPECT_EQ(run_with({"run", "a.toml", "--no-such-option"}), 2);
    EXPECT_EQ(run_with({"run", "a.toml", "--timeout", "-1"}), 2);
    EXPECT_EQ(run_with({"test", "everything"}), 2);
    EXPECT_EQ(run_with({"test", "fuzz", "--time", "0"}), 2);
    EXPECT_EQ(run_with({"test", "--part", "5/4"}), 2);
    EXPECT_EQ(run_with({"bench", "--suite", "micro,cycles", "--json", "results.json"}), 2);
}

} // namespace
} // namespace trv::tool::commands

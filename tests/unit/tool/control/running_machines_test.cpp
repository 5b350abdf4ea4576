// SPDX-License-Identifier: Apache-2.0
#include "tool/control/running_machines.hpp"
#include "tool/control/unix_socket.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::control {
namespace {

using testing::HasSubstr;

class RunningMachines : public testing::Test {
  protected:
    std::string found(const std::string& name) {
        const auto folder = find_running(paths_, name);
        return folder ? folder->filename().string() : to_string(folder.error());
    }

    TemporaryFolder root_ = *TemporaryFolder::create(std::filesystem::temp_directory_path(), "running");
    Paths paths_{root_.path()};
};

TEST_F(RunningMachines, SaysThatNoneRuns) {
    EXPECT_THAT(found(""), HasSubstr("no machine of this checkout is running. Start one"));
    {
        const auto ended = run_folder::RunFolder::create(paths_, "one.toml");
    }
    EXPECT_THAT(found("one"), HasSubstr("no machine"));
}

TEST_F(RunningMachines, FindsByMachineAndByRun) {
    const auto one = run_folder::RunFolder::create(paths_, "one.toml");
    EXPECT_THAT(found(""), HasSubstr("no machine")) << "it does not listen yet";
    const auto socket = listen_in(one->path());
    EXPECT_EQ(found(""), "one-1");
    EXPECT_EQ(found("one"), "one-1");
    EXPECT_EQ(found("one-1"), "one-1");
    EXPECT_THAT(found("two"), HasSubstr("--machine: two: no such machine is running. Running: one-1."));
}

TEST_F(RunningMachines, WantsToKnowWhichOfSeveral) {
    const auto first = run_folder::RunFolder::create(paths_, "one.toml");
    const auto second = run_folder::RunFolder::create(paths_, "one.toml");
    const auto first_socket = listen_in(first->path());
    const auto second_socket = listen_in(second->path());
    EXPECT_THAT(found(""), HasSubstr("Name one with --machine: one-1, one-2."));
    EXPECT_THAT(found("one"), HasSubstr("several"));
    EXPECT_EQ(found("one-2"), "one-2");
}

} // namespace
} // namespace trv::tool::control

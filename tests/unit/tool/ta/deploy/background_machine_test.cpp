// SPDX-License-Identifier: Apache-2.0
#include "tool/control/unix_socket.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/deploy/background_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

class BackgroundMachine : public testing::Test {
  protected:
    TemporaryFolder root_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Context context_{.paths = Paths{root_.path()}};
};

TEST_F(BackgroundMachine, IsTheOneOfThatDescriptionOrRun) {
    const auto run = run_folder::RunFolder::create(context_.paths, root_.path() / "one.toml");
    const auto socket = control::listen_in(run->path());
    EXPECT_EQ(running_machine(context_, {}), run->path());
    EXPECT_EQ(running_machine(context_, "one-1"), run->path());
    EXPECT_EQ(running_machine(context_, root_.path() / "one.toml"), run->path());
}

TEST_F(BackgroundMachine, OfAnotherCommandIsNotEnded) {
    const auto run = run_folder::RunFolder::create(context_.paths, "one.toml");
    const auto socket = control::listen_in(run->path());
    const auto stopped = stop_machine(run->path());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(exit_code(stopped.error()), usage_exit_code);
    EXPECT_THAT(to_string(stopped.error()), testing::HasSubstr("one-1: its machine was not started by `ta run`"));
}

} // namespace
} // namespace trv::tool::ta

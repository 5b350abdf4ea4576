// SPDX-License-Identifier: Apache-2.0
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

namespace trv::tool::run_folder {
namespace {

class RunFolderTest : public testing::Test {
  protected:
    std::string next(const std::string& machine = "one.toml") {
        return RunFolder::create(paths_, machine)->path().filename();
    }

    std::string all() {
        std::string names;
        for (const auto& entry : all_runs(paths_)) {
            names += entry.path.filename().string() + " ";
        }
        return names;
    }

    TemporaryFolder root_ = *TemporaryFolder::create(std::filesystem::temp_directory_path(), "runs");
    Paths paths_{root_.path()};
};

TEST_F(RunFolderTest, KeepsTheFiveNewestOfEachMachine) {
    next("two.toml");
    next("one-2.toml");
    for (int count = 0; count < 11; ++count) {
        next();
    }
    EXPECT_EQ(all(), "one-7 one-8 one-9 one-10 one-11 one-2-1 two-1 ");
    EXPECT_EQ(next(), "one-12") << "numbers are not used again";
}

TEST_F(RunFolderTest, LeavesARunAloneThatGoesOn) {
    const auto running = RunFolder::create(paths_, "one.toml");
    EXPECT_TRUE(is_running(running->path()));
    for (int count = 0; count < 7; ++count) {
        next();
    }
    EXPECT_EQ(all(), "one-1 one-4 one-5 one-6 one-7 one-8 ");
    EXPECT_FALSE(is_running(paths_.run() / "one-8"));
    EXPECT_FALSE(is_running(paths_.run() / "nowhere-1"));
}

TEST_F(RunFolderTest, IsNotTakenForRunningBecauseAnotherAsks) {
    next();
    const FileDescriptor asking{::open((paths_.run() / "one-1").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    ASSERT_EQ(::flock(asking.get(), LOCK_SH | LOCK_NB), 0);
    EXPECT_FALSE(is_running(paths_.run() / "one-1"));
}

TEST_F(RunFolderTest, KnowsItsDescriptionFromOthersOfThatName) {
    ASSERT_TRUE(write_file(root_.path() / "machines" / "two.toml", ""));
    ASSERT_TRUE(make_folder(root_.path() / "mine"));
    const auto run = RunFolder::create(paths_, root_.path() / "mine" / ".." / "machines" / "two.toml");
    EXPECT_TRUE(is_run_of(run->path(), root_.path() / "machines" / "two.toml"));
    EXPECT_FALSE(is_run_of(run->path(), root_.path() / "mine" / "two.toml"));
    EXPECT_FALSE(is_run_of(paths_.run() / "two-9", "two.toml"));
}

TEST_F(RunFolderTest, LeavesEverythingElseAlone) {
    for (const char* name : {"notes", "one-x", "-1x"}) {
        ASSERT_TRUE(make_folder(paths_.run() / name));
    }
    EXPECT_EQ(next(), "one-1");
    EXPECT_EQ(all(), "one-1 ");
}

} // namespace
} // namespace trv::tool::run_folder

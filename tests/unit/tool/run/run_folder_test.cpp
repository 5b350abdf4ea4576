#include "tool/run/run_folder.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::runs {
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

TEST_F(RunFolderTest, LeavesEverythingElseAlone) {
    for (const char* name : {"notes", "one-x", "-1x"}) {
        ASSERT_TRUE(make_folder(paths_.run() / name));
    }
    EXPECT_EQ(next(), "one-1");
    EXPECT_EQ(all(), "one-1 ");
}

} // namespace
} // namespace trv::tool::runs

// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/ta/project/project.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

class ProjectTest : public testing::Test {
  protected:
    Result<Project> read(const std::string& makefile) {
        EXPECT_TRUE(write_file(folder_.path() / "demo" / "ta" / "Makefile", makefile));
        return read_project(Paths(folder_.path()), folder_.path() / "demo");
    }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
};

TEST_F(ProjectTest, FindsTheUuidAndItsPlace) {
    const auto project = read("# a comment\nBINARY := 8aaaf200-2450-11e4-abe2-0002a5d5c51b\n");
    ASSERT_TRUE(project);
    EXPECT_EQ(project->name, "demo");
    EXPECT_EQ(project->uuid_place, "demo/ta/Makefile:2");
    EXPECT_EQ(project->guest_ta(), "/lib/optee_armtz/8aaaf200-2450-11e4-abe2-0002a5d5c51b.ta");
    EXPECT_EQ(project->guest_client(), "/usr/bin/demo");
}

TEST_F(ProjectTest, HasAFolderOfItsOwnForADebugger) {
    auto project = *read("BINARY = 8aaaf200-2450-11e4-abe2-0002a5d5c51b\n");
    const Paths paths(folder_.path());
    EXPECT_EQ(project.output(paths), paths.build() / "ta" / "demo");
    project.kind = BuildKind::Debug;
    EXPECT_EQ(project.output(paths), paths.build() / "ta" / "demo" / "debug");
}

TEST_F(ProjectTest, SaysWhereTheUuidIsWrong) {
    EXPECT_TRUE(to_string(read("\n\nBINARY=8aaaf200\n").error())
                    .starts_with("demo/ta/Makefile:3: BINARY: '8aaaf200' is not a UUID."));
    EXPECT_EQ(read("LIBNAME = x\n").error().what, "is not set");
    EXPECT_EQ(read("BINARY = 8AAAF200-2450-11e4-abe2-0002a5d5c51b\n").error().what,
              "'8AAAF200-2450-11e4-abe2-0002a5d5c51b' contains upper-case letters");
}

TEST_F(ProjectTest, KnowsWhatIsNoProject) {
    const Paths paths(folder_.path());
    EXPECT_EQ(read_project(paths, folder_.path() / "none").error().what, "no such folder");
    EXPECT_EQ(read_project(paths, folder_.path()).error().what,
              "is not a trusted application's project: it has no ta/Makefile");
}

} // namespace
} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace trv::tool {
namespace {

std::size_t entries(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

std::string process_name_space() {
    struct stat status{};
    return ::stat("/proc/self/ns/pid", &status) == 0 ? std::to_string(status.st_ino) : "0";
}

class Files : public testing::Test {
  protected:
    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    std::filesystem::path file_ = folder_.path() / "a" / "file";
};

TEST_F(Files, AreReadAsTheyWereWritten) {
    const std::string content("one\0two\n", 8);
    ASSERT_TRUE(write_file(file_, content));
    EXPECT_EQ(read_file(file_), content);
}

TEST_F(Files, AreReplacedWithoutALeftover) {
    ASSERT_TRUE(write_file(file_, "old, and longer"));
    ASSERT_TRUE(write_file(file_, "new"));
    EXPECT_EQ(read_file(file_), "new");
    EXPECT_EQ(entries(file_.parent_path()), 1U);
}

TEST_F(Files, KeepTheirContentWhenMakingThemFails) {
    ASSERT_TRUE(write_file(file_, "old"));
    const Result<void> made = make_whole(file_, [](const std::filesystem::path& beside) -> Result<void> {
        std::ofstream(beside) << "half";
        return failure("step", "broke");
    });
    EXPECT_FALSE(made);
    EXPECT_EQ(read_file(file_), "old");
    EXPECT_EQ(entries(file_.parent_path()), 1U);
}

TEST_F(Files, FoldersAreReplacedToo) {
    const auto fill = [](const char* name) {
        return [name](const std::filesystem::path& beside) { return write_file(beside / name, ""); };
    };
    ASSERT_TRUE(make_whole(folder_.path() / "tree", fill("old")));
    ASSERT_TRUE(make_whole(folder_.path() / "tree", fill("new")));
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "tree" / "new"));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "tree" / "old"));
}

TEST_F(Files, ARelativeNameWithoutAFolderLiesWhereWeRun) {
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder_.path());
    EXPECT_TRUE(write_file("file", "new"));
    std::filesystem::current_path(before);
    EXPECT_EQ(read_file(folder_.path() / "file"), "new");
}

TEST_F(Files, LeftoversOfTheDeadAreRemovedAndThoseOfTheLivingStay) {
    Process process = *Process::start({.arguments = {"true"}});
    const std::string dead = std::to_string(process.id()) + "-" + process_name_space();
    process.wait();
    const std::string ours = std::to_string(::getpid()) + "-" + process_name_space();
    for (const std::string& name :
         {std::string("file"), "a/b/file.part-" + dead, "a/tree.part-" + dead + "/x", "a/tmp.part-" + ours + "-Ab3/x",
          "a/b/c/tmp.part-" + dead + "-Ab3/x", "a/b/c/d/e.part-" + dead}) {
        ASSERT_TRUE(write_file(folder_.path() / name, ""));
    }
    remove_leftovers(folder_.path());
    const auto there = [&](const std::string& name) { return std::filesystem::exists(folder_.path() / name); };
    EXPECT_TRUE(there("file"));
    EXPECT_FALSE(there("a/b/file.part-" + dead));
    EXPECT_FALSE(there("a/tree.part-" + dead));
    EXPECT_TRUE(there("a/tmp.part-" + ours + "-Ab3/x"));
    EXPECT_FALSE(there("a/b/c/tmp.part-" + dead + "-Ab3"));
    EXPECT_TRUE(there("a/b/c/d/e.part-" + dead)) << "deeper than anything is made";
}

TEST_F(Files, ThoseOfAnotherContainerStayForADay) {
    ASSERT_TRUE(write_file(folder_.path() / "fresh.part-1-1", ""));
    ASSERT_TRUE(write_file(folder_.path() / "fresh.part-1-1-Ab3/x", ""));
    ASSERT_TRUE(write_file(folder_.path() / "old.part-1-1", ""));
    std::filesystem::last_write_time(folder_.path() / "old.part-1-1",
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours{25});
    remove_leftovers(folder_.path());
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "fresh.part-1-1"));
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "fresh.part-1-1-Ab3/x"));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "old.part-1-1"));
}

TEST_F(Files, WhatIsBeingMadeIsNoLeftover) {
    const TemporaryFolder made = *TemporaryFolder::create(folder_.path());
    std::filesystem::last_write_time(made.path(),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours{25});
    remove_leftovers(folder_.path());
    EXPECT_TRUE(std::filesystem::exists(made.path())) << "its maker lives, however old it is";
}

TEST_F(Files, AModeDoesNotDependOnTheUmask) {
    ASSERT_TRUE(write_file(file_, ""));
    const mode_t before = ::umask(0077);
    const auto set = set_mode(file_, 0640);
    ::umask(before);
    ASSERT_TRUE(set);
    EXPECT_EQ(std::filesystem::status(file_).permissions(), std::filesystem::perms{0640});
    EXPECT_FALSE(set_mode(folder_.path() / "absent", 0640));
}

TEST_F(Files, AnAbsentFileIsAnErrorThatNamesIt) {
    const Result<std::string> content = read_file(file_);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().place, file_.string());
}

TEST_F(Files, LastLinesAreThoseAtTheEnd) {
    ASSERT_TRUE(write_file(file_, "1\n2\n3\n"));
    EXPECT_EQ(last_lines(file_, 2), "2\n3\n");
    EXPECT_EQ(last_lines(file_, 9), "1\n2\n3\n");
    ASSERT_TRUE(write_file(file_, "1\n2\n3"));
    EXPECT_EQ(last_lines(file_, 2), "2\n3");
    EXPECT_EQ(last_lines(folder_.path() / "none", 2), "");
}

TEST_F(Files, ATemporaryFolderVanishesWithItsOwner) {
    std::filesystem::path path;
    {
        const TemporaryFolder inner = *TemporaryFolder::create(folder_.path());
        path = inner.path();
        ASSERT_TRUE(write_file(path / "x", "y"));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

} // namespace
} // namespace trv::tool

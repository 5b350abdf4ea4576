#include "tool/support/files.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace trv::tool {
namespace {

std::size_t entries(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
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

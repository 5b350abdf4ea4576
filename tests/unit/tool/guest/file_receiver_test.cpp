// SPDX-License-Identifier: Apache-2.0
#include "contract/agent.hpp"
#include "guests/linux/agent/file_receiver.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace trv::guest {
namespace {

constexpr std::string_view md5_of_abcdef = "e80b5017098950fc58aad83c8c14978e";

class FileReceiverTest : public testing::Test {
  protected:
    std::string path(const char* name = "folder/file") { return (folder_.path() / name).string(); }
    std::string begin(std::uint64_t size, const std::string& where) {
        return receiver_.begin({.id = 7, .mode = 0640, .size = size, .path = where});
    }
    std::string data(const char* bytes, std::uint64_t id = 7) { return receiver_.take(DataRequest{id, bytes}); }
    static std::string content(const std::string& file) { return tool::read_file(file).value_or("(no file)"); }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    FileReceiver receiver_;
};

TEST_F(FileReceiverTest, PutsAFileTogether) {
    EXPECT_EQ(begin(6, path()), "ack 7 0\n");
    EXPECT_EQ(data("abc"), "ack 7 3\n");
    EXPECT_EQ(content(path()), "(no file)") << "a partial file must not be visible";
    EXPECT_EQ(data("def"), "sum 7 " + std::string(md5_of_abcdef) + "\n");
    EXPECT_EQ(content(path()), "abcdef");
    struct stat state{};
    ASSERT_EQ(::stat(path().c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 07777U, 0640U);
    EXPECT_EQ(data("more"), "failed 7 no transfer with this number has started\n");
}

TEST_F(FileReceiverTest, AnEmptyFileIsWholeAtOnce) {
    EXPECT_EQ(begin(0, path()), "sum 7 d41d8cd98f00b204e9800998ecf8427e\n");
    EXPECT_EQ(content(path()), "");
}

TEST_F(FileReceiverTest, CopiesPiecesOfTheOldFile) {
    ASSERT_TRUE(tool::write_file(path(), "--def"));
    EXPECT_EQ(begin(6, path()), "ack 7 0\n");
    EXPECT_EQ(data("abc"), "ack 7 3\n");
    EXPECT_EQ(receiver_.take(CopyRequest{.id = 7, .offset = 2, .size = 3}),
              "sum 7 " + std::string(md5_of_abcdef) + "\n");
    EXPECT_EQ(content(path()), "abcdef");
}

TEST_F(FileReceiverTest, RefusesAPieceThatTheOldFileHasNot) {
    ASSERT_TRUE(tool::write_file(path(), "old"));
    EXPECT_EQ(begin(6, path()), "ack 7 0\n");
    EXPECT_EQ(receiver_.take(CopyRequest{.id = 7, .offset = 1, .size = 3}),
              "failed 7 the existing file has no such range\n");
    EXPECT_EQ(content(path()), "old");
}

TEST_F(FileReceiverTest, TheOldFileStaysUntilTheNewOneIsWhole) {
    ASSERT_TRUE(tool::write_file(path(), "old"));
    EXPECT_EQ(begin(6, path()), "ack 7 0\n");
    EXPECT_EQ(data("abc"), "ack 7 3\n");
    EXPECT_EQ(begin(2, path("other")), "ack 7 0\n"); // another file takes its turn
    EXPECT_EQ(content(path()), "old");
    EXPECT_FALSE(std::filesystem::exists(path() + ".part"));
}

TEST_F(FileReceiverTest, RefusesWhatIsNoFile) {
    for (const std::string& wrong :
         {std::string("relative"), std::string("/tmp/"), std::string(), std::string("/a\0b", 4)}) {
        EXPECT_EQ(begin(1, wrong), "failed 7 the path is not an absolute path to a file\n");
    }
    EXPECT_TRUE(begin(contract::agent::largest_file + 1, path()).starts_with("failed 7 the file is larger than"));
    EXPECT_EQ(data("x"), "failed 7 no transfer with this number has started\n");
}

TEST_F(FileReceiverTest, SaysWhyAFileCannotBeWritten) {
    ASSERT_TRUE(tool::write_file(path("plain"), ""));
    const std::string below = path("plain") + "/file";
    EXPECT_EQ(begin(1, below), "failed 7 cannot write " + below + ".part: Not a directory\n");
    std::filesystem::create_directories(path("taken"));
    EXPECT_EQ(begin(0, path("taken")), "failed 7 cannot complete " + path("taken") + ": Is a directory\n");
}

TEST_F(FileReceiverTest, RefusesMoreThanWasAnnounced) {
    EXPECT_EQ(begin(2, path()), "ack 7 0\n");
    EXPECT_EQ(data("abc"), "failed 7 more data than the announced file size\n");
    EXPECT_EQ(content(path()), "(no file)");
}

TEST_F(FileReceiverTest, TellsAFilesSum) {
    ASSERT_TRUE(tool::write_file(path(), "abcdef"));
    EXPECT_EQ(answer(SumRequest{9, path()}), "sum 9 " + std::string(md5_of_abcdef) + "\n");
    EXPECT_EQ(answer(SumRequest{9, path("none")}),
              "failed 9 cannot read " + path("none") + ": No such file or directory\n");
}

} // namespace
} // namespace trv::guest

// SPDX-License-Identifier: Apache-2.0
#include "contract/manager.hpp"
#include "host/devices/variables/variables_file.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <iterator>

namespace trv::host::devices {
namespace {

using contract::manager::variables_size;
using testing::HasSubstr;

class VariablesFiles : public testing::Test {
  protected:
    [[nodiscard]] Result<VariablesFile> open() const {
        return VariablesFile::open(path_, {.place = "vm.toml:4:1", .key = "vm.a.variables"});
    }
    [[nodiscard]] std::string mistake() const {
        const auto file = open();
        return file ? "none" : to_string(file.error());
    }
    /// What is in the folder.
    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder_.path()}, {}));
    }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    std::filesystem::path path_ = folder_.path() / "vars.fd";
    std::string content_ = std::string(variables_size, 'v');
};

TEST_F(VariablesFiles, OneThatIsMissingIsMadeAsErasedFlash) {
    const auto file = open();
    ASSERT_TRUE(file) << to_string(file.error());
    EXPECT_EQ(file->content().value(), std::string(variables_size, '\xff'));
    struct stat status{};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(files(), 1U);
}

TEST_F(VariablesFiles, KeepWhatWasSaved) {
    ASSERT_TRUE(open()->save(content_));
    content_.back() = 'w';
    {
        auto file = open();
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->save(content_));
        EXPECT_EQ(file->content().value(), content_);
    }
    EXPECT_EQ(open()->content().value(), content_);
    EXPECT_EQ(files(), 1U);
}

TEST_F(VariablesFiles, OfAnotherSizeAreRefusedWithSizeAndRemedy) {
    ASSERT_TRUE(tool::write_file(path_, std::string(variables_size + 1, 'v')));
    EXPECT_THAT(mistake(), HasSubstr("vm.toml:4:1: vm.a.variables: " + path_.string() +
                                     " has 2097153 bytes, and the flash of a VM 2097152. Name another file"));
    ASSERT_TRUE(tool::write_file(path_, ""));
    EXPECT_THAT(mistake(), HasSubstr("has 0 bytes"));
    EXPECT_EQ(std::filesystem::file_size(path_), 0U) << "it is left as it was";
}

TEST_F(VariablesFiles, LinksFoldersAndPipesAreRefused) {
    const auto other = folder_.path() / "other";
    ASSERT_TRUE(tool::write_file(other, content_));
    std::filesystem::create_symlink(other, path_);
    EXPECT_THAT(mistake(), HasSubstr("is a link. Name the file that it leads to"));
    std::filesystem::remove(path_);
    std::filesystem::create_directory(path_);
    EXPECT_THAT(mistake(), HasSubstr("is not an ordinary file"));
    std::filesystem::remove(path_);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_THAT(mistake(), HasSubstr("is not an ordinary file"));
    path_ = folder_.path() / "none" / "vars.fd";
    EXPECT_THAT(mistake(), HasSubstr("no such folder"));
}

TEST_F(VariablesFiles, ALinkThatOthersPutThereIsNotFollowed) {
    auto file = open();
    const auto other = folder_.path() / "other";
    ASSERT_TRUE(tool::write_file(other, "theirs"));
    std::filesystem::create_symlink(other, folder_.path() / ".vars.fd.new");
    std::filesystem::remove(path_);
    std::filesystem::create_symlink(other, path_);
    ASSERT_TRUE(file->save(content_));
    EXPECT_EQ(tool::read_file(other).value(), "theirs");
    EXPECT_FALSE(std::filesystem::is_symlink(path_));
    EXPECT_EQ(tool::read_file(path_).value(), content_);
}

TEST_F(VariablesFiles, StayAsTheyWereIfThereIsNoRoom) {
    auto file = open();
    ASSERT_TRUE(file->save(content_));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{.rlim_cur = variables_size / 2, .rlim_max = before.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto saved = file->save(std::string(variables_size, 'w'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    (void)std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(saved);
    EXPECT_THAT(to_string(saved.error()), HasSubstr("vars.fd: cannot be written"));
    EXPECT_EQ(tool::read_file(path_).value(), content_);
    EXPECT_EQ(files(), 1U);
    EXPECT_TRUE(file->save(std::string(variables_size, 'w'))) << "when there is room again";
}

TEST_F(VariablesFiles, AreOneProgramsAtATime) {
    {
        auto file = open();
        ASSERT_TRUE(file->save(content_));
        EXPECT_THAT(mistake(), HasSubstr("is in use"));
    }
    EXPECT_EQ(mistake(), "none") << "the first has let go";
}

} // namespace
} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/tee/tee_log.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace trv::tool::tee {
namespace {

TEST(TeeLog, FollowsAFile) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto file = folder.path() / "tee.log";
    std::ofstream writer(file);
    TeeLog log(file);
    EXPECT_TRUE(log.new_lines().empty());
    writer << "I/TA: one\r\nI/TA: t" << std::flush;
    EXPECT_EQ(log.new_lines(), std::vector<std::string>{"I/TA: one"});
    writer << "wo\r\n" << std::flush;
    EXPECT_EQ(log.new_lines(), std::vector<std::string>{"I/TA: two"});
}

TEST(TeeLog, BeginsBeforeTheFileIsThere) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto file = folder.path() / "tee.log";
    TeeLog log(file);
    EXPECT_TRUE(log.new_lines().empty());
    std::ofstream(file, std::ios::trunc) << "I/TA: one\nI/TA: two\n";
    EXPECT_EQ(log.new_lines(), (std::vector<std::string>{"I/TA: one", "I/TA: two"}));
    EXPECT_EQ(log.rest(), std::nullopt);
    std::ofstream(file, std::ios::app) << "PANIC";
    EXPECT_TRUE(log.new_lines().empty());
    EXPECT_EQ(log.rest(), "PANIC");
}

} // namespace
} // namespace trv::tool::tee

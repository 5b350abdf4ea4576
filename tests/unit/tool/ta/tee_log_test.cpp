#include "tool/support/files.hpp"
#include "tool/ta/tee_log.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace trv::tool::ta {
namespace {

TEST(TeeLog, KnowsWhoSpeaks) {
    EXPECT_EQ(parse_tee_line("I/TA: got 42")->source, TeeLine::Source::TrustedApplication);
    EXPECT_EQ(parse_tee_line("E/LD:  Call stack:")->source, TeeLine::Source::Loader);
    EXPECT_EQ(parse_tee_line("D/TC:2 ? 0 tee_ta_close_session:480 x")->guest, 2U);
    EXPECT_EQ(parse_tee_line("D/TC:0 1   periodic")->guest, std::nullopt);
    EXPECT_EQ(parse_tee_line("I/TC: Primary CPU")->guest, std::nullopt);
    EXPECT_FALSE(parse_tee_line("PANIC at PC"));
    EXPECT_FALSE(parse_tee_line(""));
}

TEST(TeeLog, ShowsTrustedApplicationsAndErrors) {
    EXPECT_TRUE(is_interesting("D/TA:  f:1 hello"));
    EXPECT_TRUE(is_interesting("E/TC:1 ? 0 TA panicked with code 0x77"));
    EXPECT_FALSE(is_interesting("E/TC:1 ? 0 "));
    EXPECT_FALSE(is_interesting("E/LD:  Call stack:"));
    EXPECT_FALSE(is_interesting("D/TC:1 ? 0 x"));
}

TEST(TeeLog, FollowsAFile) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto file = folder.path() / "tee.log";
    std::ofstream writer(file);
    writer << "before\n" << std::flush;
    TeeLog log(file);
    EXPECT_TRUE(log.new_lines().empty());
    writer << "I/TA: one\r\nI/TA: t" << std::flush;
    EXPECT_EQ(log.new_lines(), std::vector<std::string>{"I/TA: one"});
    writer << "wo\r\n" << std::flush;
    EXPECT_EQ(log.new_lines(), std::vector<std::string>{"I/TA: two"});
}

} // namespace
} // namespace trv::tool::ta

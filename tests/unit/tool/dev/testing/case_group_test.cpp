// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_group.hpp"
#include "tool/support/files.hpp"
#include "tool/support/paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::dev::testing {
namespace {

using ::testing::HasSubstr;

/// A case's command line is one of this very program.
SystemCase listing(std::string name, int exit_code) {
    return {.name = std::move(name), .arguments = {"--gtest_list_tests"}, .exit_code = exit_code};
}

class CaseGroups : public ::testing::Test {
  protected:
    std::string report_of(std::vector<SystemCase> cases) {
        std::FILE* out = std::tmpfile();
        TestReport report{out};
        auto group = CaseGroup::start(std::move(cases), paths_);
        EXPECT_TRUE(group);
        while (group->pass_on(report)) {
        }
        std::string text(4096, '\0');
        std::rewind(out);
        text.resize(std::fread(text.data(), 1, text.size(), out));
        std::fclose(out);
        return text + report.summary();
    }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path(), "case-group");
    Paths paths_{folder_.path()};
};

TEST_F(CaseGroups, JudgeOneCaseAfterTheOther) {
    const auto said = report_of({listing("good", 0), listing("bad", 3)});
    EXPECT_THAT(said, HasSubstr("pass  good ("));
    EXPECT_THAT(said, HasSubstr("FAIL  bad ("));
    EXPECT_THAT(said, HasSubstr("exit code 0 instead of 3"));
    EXPECT_THAT(said, HasSubstr("1 passed, 1 failed"));
}

} // namespace
} // namespace trv::tool::dev::testing

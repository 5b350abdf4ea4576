// SPDX-License-Identifier: Apache-2.0
#include "tool/support/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace trv::tool {
namespace {

template <typename Work>
std::string shown(Progress::Style style, Work work) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* out = ::open_memstream(&text, &size);
    Progress progress(out, style);
    work(progress);
    std::fclose(out);
    std::string result(text, size);
    std::free(text);
    return result;
}

TEST(Progress, AStepIsTwoPlainLinesInALog) {
    const std::string text = shown(Progress::Style::Lines, [](Progress& progress) {
        Progress::Step step(progress, "setup: firmware");
        step.update("half");
        step.done("built");
    });
    EXPECT_THAT(text, testing::MatchesRegex("setup: firmware …\nsetup: firmware: built \\(.*s\\)\n"));
}

TEST(Progress, ATerminalSeesTheDetail) {
    const std::string text = shown(Progress::Style::Terminal, [](Progress& progress) {
        Progress::Step step(progress, "x");
        step.update("half");
        step.done();
    });
    EXPECT_THAT(text, testing::HasSubstr("\r\033[Kx: half"));
    EXPECT_THAT(text, testing::HasSubstr("\r\033[Kx: done"));
}

TEST(Progress, AStepThatIsNotDoneFailed) {
    const std::string text =
        shown(Progress::Style::Lines, [](Progress& progress) { const Progress::Step step(progress, "x"); });
    EXPECT_THAT(text, testing::HasSubstr("x: failed after"));
}

} // namespace
} // namespace trv::tool

// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/test_report.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace trv::tool::dev::testing {
namespace {

TEST(TestReport, CountsWhatKeptTestsFromRunning) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out{std::tmpfile(), std::fclose};
    TestReport report{out.get()};
    EXPECT_TRUE(report.empty());
    EXPECT_TRUE(report.note("build", {}));
    EXPECT_TRUE(report.empty());
    report.passed("one", 0);
    EXPECT_FALSE(report.note("system tests", failure("step", "broke")));
    EXPECT_EQ(report.summary(), "1 passed, 1 failed");
    EXPECT_FALSE(report.good());
}

} // namespace
} // namespace trv::tool::dev::testing

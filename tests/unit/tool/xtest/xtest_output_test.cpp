// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/tool/xtest/recorded_output.hpp"
#include "tool/xtest/xtest_output.hpp"

#include <gtest/gtest.h>

namespace trv::tool::xtest {
namespace {

using Verdict = XtestCase::Verdict;

class XtestOutputTest : public testing::Test {
  protected:
    /// Each line comes a second after the one before. Returns how many cases ended.
    int feed(std::string_view text) {
        int ended = 0;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            ended += output_.on_line(text.substr(0, end), seconds_++) != nullptr ? 1 : 0;
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return ended;
    }

    XtestOutput output_;
    double seconds_ = 0;
};

TEST_F(XtestOutputTest, UnderstandsARunThatIsWell) {
    EXPECT_EQ(feed(recorded_success), 2);
    ASSERT_EQ(output_.cases().size(), 2U);
    const XtestCase& first = output_.cases().front();
    EXPECT_EQ(first.name, "regression_1001");
    EXPECT_EQ(first.title, "Core self tests");
    EXPECT_EQ(first.verdict, Verdict::Passed);
    EXPECT_EQ(first.seconds, 6);
    EXPECT_TRUE(first.output.empty());
    ASSERT_TRUE(output_.totals());
    EXPECT_EQ(output_.totals()->subtests, 731U);
    EXPECT_EQ(output_.totals()->cases, 2U);
    EXPECT_EQ(output_.totals()->skipped_cases, 137U);
    EXPECT_TRUE(output_.good());
    EXPECT_FALSE(output_.is_inside());
}

TEST_F(XtestOutputTest, UnderstandsFailures) {
    feed(recorded_failure);
    ASSERT_EQ(output_.cases().size(), 2U);
    const XtestCase& first = output_.cases().front();
    EXPECT_EQ(first.verdict, Verdict::Failed);
    EXPECT_EQ(first.first_error, "./host/xtest/regression_1000.c:618");
    ASSERT_EQ(first.output.size(), 1U);
    EXPECT_EQ(output_.cases().back().first_error, "./host/xtest/regression_1000.c:786") << "of its subcase";
    EXPECT_EQ(output_.totals()->failed_subtests, 26U);
    EXPECT_EQ(output_.totals()->failed_cases, 2U);
    EXPECT_FALSE(output_.good());
}

TEST_F(XtestOutputTest, AddsSeveralRunsUp) {
    feed(recorded_success);
    feed(recorded_failure);
    EXPECT_EQ(output_.cases().size(), 4U);
    EXPECT_EQ(output_.totals()->subtests, 767U);
    EXPECT_FALSE(output_.good());
}

TEST_F(XtestOutputTest, ARunThatDoesNotEndIsNotGood) {
    feed(recorded_success.substr(0, recorded_success.find("  pkcs11_1001 OK")));
    EXPECT_TRUE(output_.is_inside());
    EXPECT_FALSE(output_.totals());
    EXPECT_EQ(output_.count(Verdict::Running), 1U);
    EXPECT_FALSE(output_.good());
}

TEST_F(XtestOutputTest, ARunWithoutCasesIsNotGood) {
    feed("TEE test application started over default TEE instance\n"
         "Result of testsuite regression+pkcs11 filtered by \"nonsense\":\n"
         "0 subtests of which 0 failed\n0 test cases of which 0 failed\n139 test cases were skipped\n"
         "TEE test application done!\n");
    EXPECT_TRUE(output_.totals());
    EXPECT_FALSE(output_.good());
}

TEST_F(XtestOutputTest, TheSummarySettlesACaseWhoseLineWasDamaged) {
    std::string text{recorded_success};
    text.replace(text.find("  regression_1001 OK"), 20, "  regre[   13.000000] oops");
    EXPECT_EQ(feed(text), 1);
    EXPECT_EQ(output_.cases().front().verdict, Verdict::Passed);
    EXPECT_TRUE(output_.good());
}

TEST_F(XtestOutputTest, IgnoresWhatComesBefore) {
    feed("* regression_1 no\n  regression_1 OK\n3 subtests of which 3 failed\n");
    EXPECT_TRUE(output_.cases().empty());
    EXPECT_FALSE(output_.is_inside());
}

TEST_F(XtestOutputTest, KnowsCasesFromSubcases) {
    EXPECT_EQ(
        feed("TEE test application started\n* regression_4007_dh Generate DH key\no regression_4007_dh.1 256 bits\n"
             "  regression_4007_dh.1 OK\n  regression_4007_dh OK\n* pkcs11_1000 Initialize\n  pkcs11_1000 OK\n"
             "* nothing_here\n"),
        2);
    ASSERT_EQ(output_.cases().size(), 2U);
    EXPECT_EQ(output_.cases().front().name, "regression_4007_dh");
    EXPECT_EQ(output_.cases().back().name, "pkcs11_1000");
}

TEST_F(XtestOutputTest, KeepsLittleOfALongOutput) {
    feed("TEE test application started\n* regression_1 long\n");
    for (int count = 0; count < 1000; ++count) {
        feed("line\n");
    }
    EXPECT_LE(output_.cases().front().output.size(), 40U);
}

} // namespace
} // namespace trv::tool::xtest

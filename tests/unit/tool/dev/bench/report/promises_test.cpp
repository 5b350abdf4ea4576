// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/promises.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::dev::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::vector<Peer> ours{Peer::Trivisor};
const std::vector<Peer> both{Peer::Bare, Peer::Trivisor};

std::vector<Row> rows_with(double null_hypercall) {
    std::vector<Row> rows;
    const auto add = [&](const char* name, double value) {
        rows.push_back({.name = name, .spreads = {{Peer::Trivisor, {.median = value}}}});
    };
    add("null-hypercall", null_hypercall);
    add("refused-smc", 133);
    add("vgic-read-constant", 300);
    add("vgic-read-state", 300);
    add("vgic-write", 600);
    add("sgi-one-way", 1e9);
    return rows;
}

TEST(Promises, AreKeptUpToTheLimit) {
    const auto kept = check_promises("micro", rows_with(150), ours);
    EXPECT_THAT(kept, SizeIs(5));
    EXPECT_TRUE(all_kept(kept));
    EXPECT_THAT(promise_table(kept), HasSubstr("null-hypercall         150.0      150\n"));
    EXPECT_THAT(promise_table(kept), Not(HasSubstr("exceeded")));
    const auto broken = check_promises("micro", rows_with(150.1), ours);
    EXPECT_FALSE(all_kept(broken));
    EXPECT_THAT(promise_table(broken), HasSubstr("150.1      150  exceeded\n"));
}

TEST(Promises, WhatWasNotMeasuredIsMissing) {
    auto rows = rows_with(130);
    rows.erase(rows.begin());
    const auto kept = check_promises("micro", rows, ours);
    EXPECT_FALSE(all_kept(kept));
    EXPECT_THAT(promise_table(kept), HasSubstr("missing"));
}

TEST(Promises, AreJudgedWhereThereIsSomethingToJudge) {
    EXPECT_THAT(check_promises("boot", {}, both), IsEmpty());
    EXPECT_THAT(check_promises("micro", {}, {Peer::Xen}), IsEmpty());
    EXPECT_THAT(check_promises("tee-call", {}, ours), IsEmpty()) << "relative to bare metal";
    const std::vector<Row> rows{
        {.name = "invoke-none", .spreads = {{Peer::Bare, {.median = 100}}, {Peer::Trivisor, {.median = 103}}}},
        {.name = "invoke-value", .spreads = {{Peer::Bare, {.median = 100}}, {Peer::Trivisor, {.median = 103.1}}}}};
    const auto kept = check_promises("tee-call", rows, both);
    ASSERT_THAT(kept, SizeIs(2));
    EXPECT_EQ(kept[0].verdict, Kept::Verdict::Kept);
    EXPECT_EQ(kept[1].verdict, Kept::Verdict::Exceeded);
    EXPECT_THAT(promise_table(kept), HasSubstr("invoke-value/bare   1.03100     1.03  exceeded\n"));
}

} // namespace
} // namespace trv::tool::dev::bench

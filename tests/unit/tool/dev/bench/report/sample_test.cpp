// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/compare_report.hpp"
#include "tool/dev/bench/report/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::dev::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

std::vector<Sample> samples() {
    return {{.peer = Peer::Bare, .clock = Clock::Wall, .figures = {{.name = "call", .ns = 100}}},
            {.peer = Peer::Trivisor, .clock = Clock::Wall, .figures = {{.name = "call", .ns = 130}}},
            {.peer = Peer::Bare, .clock = Clock::Wall, .figures = {{.name = "call", .ns = 110}}},
            {.peer = Peer::Trivisor, .clock = Clock::Wall, .figures = {{.name = "call", .ns = 110}}},
            {.peer = Peer::Bare, .clock = Clock::Wall, .figures = {{.name = "call", .ns = 90}}},
            {.peer = Peer::Trivisor, .clock = Clock::Icount, .figures = {{.name = "other", .ns = 1}}}};
}

TEST(Sample, ASpreadHasMedianAndEnds) {
    const Spread odd = spread_of({3, 1, 2});
    EXPECT_DOUBLE_EQ(odd.median, 2);
    EXPECT_DOUBLE_EQ(odd.lowest, 1);
    EXPECT_DOUBLE_EQ(odd.highest, 3);
    EXPECT_EQ(odd.runs, 3U);
    EXPECT_DOUBLE_EQ(spread_of({1, 2, 4, 8}).median, 3);
    EXPECT_EQ(spread_of({}).runs, 0U);
}

TEST(Sample, RowsAreOfOneClock) {
    const auto rows = rows_of(samples(), Clock::Wall);
    ASSERT_THAT(rows, SizeIs(1));
    EXPECT_EQ(rows[0].name, "call");
    EXPECT_DOUBLE_EQ(rows[0].spreads.at(Peer::Bare).median, 100);
    EXPECT_DOUBLE_EQ(rows[0].ratio(Peer::Trivisor, Peer::Bare).value(), 1.2);
    EXPECT_FALSE(rows[0].ratio(Peer::Trivisor, Peer::Xen));
}

TEST(Sample, RefusalsAreRead) {
    EXPECT_THAT(parse_refusals({"refused {\"name\":\"big\",\"result\":\"0xffff000c\"}", "refused {", "refused 1",
                                "refused {\"name\":3}", "figure {\"name\":\"x\",\"ns\":1}"}),
                ElementsAre(Pair("big", "0xffff000c")));
    EXPECT_THAT(parse_refusals({}), IsEmpty());
}

TEST(CompareTable, HasRatiosAndTellsWhatFails) {
    auto all = samples();
    all.push_back({.peer = Peer::Xen, .clock = Clock::Wall, .refused = {{"call", "0xffff000c"}}});
    const auto table = compare_table(rows_of(all, Clock::Wall), {Peer::Bare, Peer::Xen, Peer::Trivisor});
    EXPECT_THAT(table, HasSubstr("trivisor/bare"));
    EXPECT_THAT(table, HasSubstr("100 ns (90.00–110.00)"));
    EXPECT_THAT(table, HasSubstr("fails: 0xffff000c"));
    EXPECT_THAT(table, HasSubstr("1.200"));
}

} // namespace
} // namespace trv::tool::dev::bench

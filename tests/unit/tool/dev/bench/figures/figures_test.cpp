// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/figures/figures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::dev::bench {
namespace {

using ::testing::SizeIs;

TEST(Figures, AreReadFromALog) {
    const auto figures = parse_figures("hello\n"
                                       "null-hypercall          139.0 ns\n"
                                       "figure {\"name\":\"null-hypercall\",\"ns\":139.0,\"count\":4096}\r\n"
                                       "figure {\"name\":\"sgi-one-way\",\"ns\":2000,\"count\":1}");
    ASSERT_THAT(figures, SizeIs(2));
    EXPECT_EQ(figures[0].name, "null-hypercall");
    EXPECT_DOUBLE_EQ(figures[0].ns, 139);
    EXPECT_EQ(figures[1].name, "sgi-one-way");
}

TEST(Figures, OtherLinesAreNone) {
    for (const char* line : {"", "figure", "figure ", "figure {", "figure []", "figure {\"name\":\"x\"}",
                             "figure {\"ns\":1}", "figure {\"name\":1,\"ns\":1}",
                             "figure {\"name\":\"x\",\"ns\":\"1\"}", " figure {\"name\":\"x\",\"ns\":1}"}) {
        EXPECT_FALSE(parse_figure(line)) << line;
    }
}

} // namespace
} // namespace trv::tool::dev::bench

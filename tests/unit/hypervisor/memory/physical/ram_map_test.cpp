// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/ram_map.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace trv::memory {
namespace {

std::vector<PaRange> gaps(PaRange whole, const std::vector<PaRange>& holes) {
    std::vector<PaRange> found;
    EXPECT_TRUE(for_each_gap(whole, std::span<const PaRange>(holes), [&](PaRange gap) -> Result<void> {
        found.push_back(gap);
        return {};
    }));
    return found;
}

TEST(RamMap, PagesInsideAndAround) {
    EXPECT_EQ(pages_inside({Pa(0x1001), 0x2fff}), (PaRange{Pa(0x2000), 0x2000}));
    EXPECT_EQ(pages_inside({Pa(0x1001), 0x1ffe}).size, 0U);
    EXPECT_TRUE(pages_inside({Pa(0x1001), 0x10}).empty());
    EXPECT_EQ(pages_around({Pa(0x1fff), 2}), (PaRange{Pa(0x1000), 0x2000}));
    EXPECT_EQ(pages_around({Pa(0x1000), 0x1000}), (PaRange{Pa(0x1000), 0x1000}));
}

TEST(RamMap, GapsBetweenUnsortedOverlappingHoles) {
    const PaRange whole{Pa(0x10000), 0x10000};
    EXPECT_EQ(gaps(whole, {}), std::vector{whole});
    EXPECT_TRUE(gaps(whole, {whole}).empty());
    EXPECT_EQ(gaps(whole, {{Pa(0x18000), 0x1000}, {Pa(0x0f000), 0x2000}, {Pa(0x18800), 0x1000}}),
              (std::vector<PaRange>{{Pa(0x11000), 0x7000}, {Pa(0x1a000), 0x6000}}));
    EXPECT_EQ(gaps(whole, {{Pa(0x15001), 0}}), std::vector{whole}) << "an empty hole is none";
    EXPECT_EQ(gaps(whole, {{Pa(0x15010), 1}}), (std::vector<PaRange>{{Pa(0x10000), 0x5000}, {Pa(0x16000), 0xa000}}));
}

TEST(RamMap, StopsWhenTheVisitorFails) {
    unsigned visits = 0;
    const PaRange hole{Pa(0x12000), 0x1000};
    const Result<void> result =
        for_each_gap(PaRange{Pa(0x10000), 0x10000}, std::span(&hole, 1), [&](PaRange) -> Result<void> {
            ++visits;
            return fail(Error::NoMemory);
        });
    EXPECT_EQ(result.error(), Error::NoMemory);
    EXPECT_EQ(visits, 1U);
}

TEST(RamMap, GapsAgreeWithAPlainModel) {
    std::mt19937 random(1);
    for (int round = 0; round < 500; ++round) {
        const PaRange whole{Pa(random() % 0x10000), random() % 0x20000 + 1};
        std::vector<PaRange> holes;
        for (unsigned i = random() % 6; i-- > 0;) {
            holes.push_back({Pa(random() % 0x30000), random() % 0x5000});
        }
        std::set<u64> expected;
        const PaRange pages = pages_inside(whole);
        for (Pa page = pages.base; page < pages.end(); page += page_size) {
            const PaRange frame{page, page_size};
            if (std::ranges::none_of(holes, [&](PaRange hole) { return hole.overlaps(frame); })) {
                expected.insert(page.value);
            }
        }
        std::set<u64> actual;
        Pa last;
        for (const PaRange& gap : gaps(whole, holes)) {
            EXPECT_GE(gap.base, last);
            for (Pa page = gap.base; page < gap.end(); page += page_size) {
                EXPECT_TRUE(actual.insert(page.value).second);
            }
            last = gap.end();
        }
        ASSERT_EQ(actual, expected);
    }
}

} // namespace
} // namespace trv::memory

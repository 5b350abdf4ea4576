// SPDX-License-Identifier: Apache-2.0
// How far OP-TEE's core may spread what it maps: rules against pictures of its pool that try to break them.

#include "tee/optee/model/model_pool.hpp"
#include "tee/optee/shared_memory/map_budget.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace trv::tee::optee {
namespace {

constexpr u32 none = MapBudget::none;

struct Fresh : MapBudget {
    explicit Fresh(u32 most = 1280) { start(most); }
};

TEST(MapBudgets, OneCallMayReferToFourMiBAndUseStorage) {
    for (const u32 pages : {1024U, 1025U}) {
        Fresh budget;
        ASSERT_TRUE(budget.join());
        ASSERT_TRUE(budget.float_block(pages));
        const u32 storage = budget.place(2);
        ASSERT_NE(storage, none);
        budget.settle(storage);
        budget.remove(storage);
        EXPECT_NE(budget.place(3), none) << "a larger one in its place";
    }
}

TEST(MapBudgets, OneCallMayHaveTwoReferencesToTwoMiBEach) {
    Fresh budget;
    ASSERT_TRUE(budget.join());
    EXPECT_TRUE(budget.float_block(512));
    EXPECT_TRUE(budget.float_block(513));
    EXPECT_FALSE(budget.float_block(256)) << "the sum";
}

TEST(MapBudgets, TwoCallsMayReferToOneMiBEachAndUseStorage) {
    Fresh budget;
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(budget.join());
        ASSERT_TRUE(budget.float_block(257));
    }
    for (int i = 0; i < 2; ++i) {
        const u32 storage = budget.place(2);
        ASSERT_NE(storage, none);
        budget.settle(storage);
    }
    EXPECT_NE(budget.place(1, MapBudget::Kind::List), none);
    EXPECT_EQ(budget.pages(), 2U * 257 + 2 * 2) << "lists do not count";
}

TEST(MapBudgets, AnApplicationOfTwoMiBMayBeLoadedBesideTwoMiB) {
    Fresh budget;
    ASSERT_TRUE(budget.join());
    ASSERT_TRUE(budget.float_block(400));
    for (const u32 pages : {2U, 400U}) {
        const u32 block = budget.place(pages);
        ASSERT_NE(block, none) << pages;
        budget.settle(block);
    }
}

TEST(MapBudgets, TwoSinglePagesDoNotStandBesideFourMiB) {
    // The first may end above the 4 MiB, the second in their place when they are unmapped: then they go above both.
    Fresh budget;
    ASSERT_TRUE(budget.join());
    ASSERT_TRUE(budget.float_block(1024));
    ASSERT_NE(budget.place(1), none);
    EXPECT_EQ(budget.place(1), none);
}

TEST(MapBudgets, WhatIsRefusedChangesNothing) {
    Fresh budget;
    ASSERT_TRUE(budget.join());
    ASSERT_TRUE(budget.float_block(1000));
    EXPECT_FALSE(budget.float_block(300));
    EXPECT_EQ(budget.place(300), none);
    EXPECT_EQ(budget.pages(), 1000U);
    budget.unfloat_block(1000);
    budget.leave();
    EXPECT_EQ(budget.pages(), 0U);
    const u32 block = budget.place(1024);
    EXPECT_NE(block, none);
    budget.remove(block);
    EXPECT_TRUE(budget.join());
    EXPECT_TRUE(budget.float_block(1025));
}

/// Calls that do anything the budget lets them do, in an OP-TEE that maps and unmaps whenever it may.
class Adversary {
  public:
    explicit Adversary(u32 seed) : random_(seed) { budget_.start(1280); }

    void step() {
        Thread& thread = threads_[below(threads_.size())];
        switch (below(8)) {
        case 0:
            begin(thread);
            break;
        case 1:
            end(thread);
            break;
        case 2:
        case 3:
            place(thread);
            break;
        case 4:
            free_one(thread);
            break;
        default:
            toggle(thread);
            break;
        }
    }
    u32 highest = 0;

  private:
    struct Placed {
        u64 cookie;
        u32 block;
    };
    struct Thread {
        bool calls = false;
        std::vector<std::pair<u64, u32>> memrefs;
        std::vector<u64> mapped;
        std::vector<Placed> placed;
    };
    u32 below(u64 limit) { return static_cast<u32>(random_() % limit); }

    /// Sizes that just do not fit where something was.
    u32 size() {
        constexpr u32 sizes[] = {1,   1,   2,   3,   16,  64,  128, 129, 200,  255, 256,
                                 257, 320, 425, 511, 512, 513, 638, 850, 1024, 1025};
        return below(3) == 0 ? 1 + below(1025) : sizes[below(std::size(sizes))];
    }
    void map(u64 cookie, u32 pages) { highest = std::max(highest, pool_.map(cookie, pages)); }

    void begin(Thread& thread) {
        if (thread.calls) {
            return;
        }
        if (!budget_.join()) {
            return;
        }
        thread.calls = true;
        for (u32 n = 1 + below(4); n != 0; --n) {
            const u32 pages = size();
            if (budget_.float_block(pages)) {
                thread.memrefs.emplace_back(++cookie_, pages);
            }
        }
    }
    void unmap(Thread& thread) {
        for (const u64 cookie : thread.mapped) {
            pool_.unmap(cookie);
        }
        thread.mapped.clear();
    }
    void end(Thread& thread) {
        unmap(thread);
        while (!thread.placed.empty()) {
            free_one(thread);
        }
        for (const auto& [cookie, pages] : thread.memrefs) {
            budget_.unfloat_block(pages);
        }
        thread.memrefs.clear();
        if (std::exchange(thread.calls, false)) {
            budget_.leave();
        }
    }
    void toggle(Thread& thread) {
        if (!thread.mapped.empty()) {
            unmap(thread);
            return;
        }
        std::shuffle(thread.memrefs.begin(), thread.memrefs.end(), random_);
        for (const auto& [cookie, pages] : thread.memrefs) {
            if (below(3) != 0) {
                map(cookie, pages);
                thread.mapped.push_back(cookie);
            }
        }
    }
    void place(Thread& thread) {
        const u32 pages = size();
        const u32 block = budget_.place(pages);
        if (block == none) {
            return;
        }
        if (below(2) == 0) { // between the charge and the mapping
            Thread& other = threads_[below(threads_.size())];
            begin(other);
            toggle(other);
        }
        map(++cookie_, pages);
        budget_.settle(block);
        thread.placed.push_back({cookie_, block});
    }
    void free_one(Thread& thread) {
        if (thread.placed.empty()) {
            return;
        }
        const u32 at = below(thread.placed.size());
        pool_.remove(thread.placed[at].cookie);
        budget_.remove(thread.placed[at].block);
        thread.placed.erase(thread.placed.begin() + at);
    }

    std::mt19937 random_;
    MapBudget budget_;
    PoolPicture pool_;
    std::array<Thread, 4> threads_;
    u64 cookie_ = 0;
};

TEST(MapBudgets, NothingIsMappedAboveTheLastTable) {
    for (u32 seed = 1; seed <= 300; ++seed) {
        Adversary adversary(seed);
        for (int i = 0; i < 1000; ++i) {
            adversary.step();
        }
        ASSERT_LE(adversary.highest, MapBudget::pool_pages) << "seed " << seed;
        ASSERT_GT(adversary.highest, 700U) << "the adversary does something";
    }
}

} // namespace
} // namespace trv::tee::optee

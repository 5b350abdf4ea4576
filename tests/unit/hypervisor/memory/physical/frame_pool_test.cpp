// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/direct_map.hpp"
#include "memory/physical/frame_pool.hpp"
#include "tests/unit/hypervisor/memory/memory_fixture.hpp"

#include <map>
#include <random>

namespace trv::memory {
namespace {

const FrameOwner alpha = vm_owner(0);

class FramePoolTest : public MemoryTest {};

TEST_F(FramePoolTest, BlocksAreNaturallyAlignedAndOwned) {
    for (unsigned order = 0; order <= 12; ++order) {
        const Frames frames = block(order, alpha);
        EXPECT_TRUE(frames.base().is_aligned(block_size(order)));
        EXPECT_EQ(frames.range().size, block_size(order));
        EXPECT_TRUE(table.check_owner(frames.range(), alpha));
        EXPECT_TRUE(ram_range.contains(frames.range()));
        EXPECT_FALSE(frames.range().overlaps(table.storage()));
    }
    EXPECT_EQ(table.frames_of(alpha), 0U);
}

TEST_F(FramePoolTest, RefusesWhatItHasNot) {
    EXPECT_EQ(pool.allocate(FramePool::max_order + 1, alpha).error(), Error::OutOfRange);
    EXPECT_EQ(pool.allocate(FramePool::max_order, alpha).error(), Error::NoMemory);
    const std::vector<Frames> all = exhaust();
    EXPECT_EQ(pool.free_frames(), 0U);
    EXPECT_EQ(pool.allocate(0, alpha).error(), Error::NoMemory);
    EXPECT_EQ(pool.allocate_largest(5, 0, alpha).error(), Error::NoMemory);
}

TEST_F(FramePoolTest, LargestFallsBackToSmaller) {
    const Result<Frames> frames = pool.allocate_largest(FramePool::max_order, 0, alpha);
    ASSERT_TRUE(frames);
    EXPECT_EQ(frames->range().size, 32 * MiB) << "64 MiB minus the table";
    EXPECT_EQ(pool.allocate_largest(13, 13, alpha).error(), Error::NoMemory);
}

TEST_F(FramePoolTest, WhatComesBackIsScrubbedForEveryOwner) {
    for (const FrameOwner owner : {alpha, FrameOwner::Hypervisor, FrameOwner::Arena, FrameOwner::Modules}) {
        PaRange range;
        {
            const Frames frames = block(3, owner);
            range = frames.range();
            std::memset(direct_map(range.base), 0xa5, range.size);
        }
        // The whole of RAM, so that these frames are among them; list links must be gone too.
        for (const std::vector<Frames> all = exhaust(); const Frames& frames : all) {
            const u64* const words = direct_map<u64>(frames.base());
            for (u64 i = 0; i < frames.range().size / sizeof(u64); ++i) {
                ASSERT_EQ(words[i], 0U) << "at " << i;
            }
        }
    }
}

TEST_F(FramePoolTest, GiveBackChecksItsArguments) {
    const Frames frames = block(1, alpha);
    EXPECT_EQ(pool.give_back({frames.base(), 0}, alpha).error(), Error::Invalid);
    EXPECT_EQ(pool.give_back({frames.base() + 1, page_size}, alpha).error(), Error::Misaligned);
    EXPECT_EQ(pool.give_back({frames.base(), 1}, alpha).error(), Error::Misaligned);
    EXPECT_EQ(pool.give_back({Pa(0), page_size}, alpha).error(), Error::OutOfRange);
    EXPECT_EQ(pool.give_back(frames.range(), vm_owner(1)).error(), Error::NotOwned);
    EXPECT_EQ(pool.give_back({frames.base(), 4 * page_size}, alpha).error(), Error::NotOwned);
    EXPECT_EQ(pool.give_back({ram_base + 32 * MiB, page_size}, FrameOwner::Free).error(), Error::NotOwned);
    EXPECT_TRUE(table.check_owner(frames.range(), alpha));
}

TEST_F(FramePoolTest, ABlockComesBackInSlices) {
    const std::vector<u64> before = free_blocks();
    Frames frames = block(8, alpha);
    std::memset(direct_map(frames.base()), 0x5a, frames.range().size);
    unsigned steps = 1;
    while (!*frames.give_back(100 * KiB)) {
        EXPECT_EQ(table.frames_of(alpha), frames.range().size / page_size);
        ++steps;
    }
    EXPECT_EQ(steps, 11U) << "1 MiB by 100 KiB, rounded down to pages";
    EXPECT_FALSE(frames);
    EXPECT_EQ(frames.give_back(1), true) << "nothing left is no error";
    EXPECT_EQ(free_blocks(), before);
}

TEST_F(FramePoolTest, APinStopsOnlyItsSlice) {
    Frames frames = block(2, alpha);
    const Pa third = frames.base() + 2 * page_size;
    ASSERT_TRUE(table.pin({third, 1}, alpha));
    EXPECT_EQ(frames.give_back(page_size), false);
    EXPECT_EQ(frames.give_back(page_size), false);
    EXPECT_EQ(frames.give_back(page_size).error(), Error::Busy);
    EXPECT_EQ(frames.range().size, 2 * page_size);
    table.unpin({third, 1});
    EXPECT_EQ(frames.give_back(GiB), true);
}

TEST_F(FramePoolTest, FramesMoveAndRelease) {
    const u64 free = pool.free_frames();
    Frames a = block(1, alpha);
    Frames b = block(1, alpha);
    const Pa kept = b.base();
    a = std::move(b);
    EXPECT_EQ(a.base(), kept);
    EXPECT_EQ(pool.free_frames(), free - 2) << "what stood there before went back";
    const PaRange range = a.release();
    EXPECT_FALSE(a);
    EXPECT_EQ(pool.free_frames(), free - 2);
    EXPECT_TRUE(pool.give_back(range, alpha));
    EXPECT_EQ(pool.free_frames(), free);
}

TEST_F(FramePoolTest, RandomUseNeverOverlapsAndCoalesces) {
    const std::vector<u64> initial = free_blocks();
    const Usage usage = usage_of(table);
    std::mt19937 random(7);
    std::map<u64, Frames> model; // by base
    for (int step = 0; step < 20000; ++step) {
        if (random() % 2 == 0 || model.empty()) {
            const unsigned order = random() % 4 == 0 ? random() % 13 : random() % 4;
            Result<Frames> frames = pool.allocate(order, vm_owner(random() % max_vms));
            if (!frames) {
                ASSERT_EQ(frames.error(), Error::NoMemory);
                continue;
            }
            const PaRange range = frames->range();
            ASSERT_TRUE(range.base.is_aligned(range.size));
            auto next = model.lower_bound(range.base.value);
            ASSERT_TRUE(next == model.end() || !next->second.range().overlaps(range));
            ASSERT_TRUE(next == model.begin() || !std::prev(next)->second.range().overlaps(range));
            model.emplace(range.base.value, std::move(*frames));
        } else {
            model.erase(std::next(model.begin(), static_cast<long>(random() % model.size())));
        }
        if (step % 1000 == 0) {
            u64 owned = 0;
            for (const auto& [base, frames] : model) {
                owned += frames.range().size / page_size;
                ASSERT_TRUE(table.check_owner(frames.range(), frames.owner()));
            }
            ASSERT_EQ(owned + pool.free_frames(), usage.of(FrameOwner::Free).frames);
            u64 listed = 0;
            for (unsigned order = 0; order <= FramePool::max_order; ++order) {
                listed += pool.free_blocks(order) << order;
            }
            ASSERT_EQ(listed, pool.free_frames());
        }
    }
    model.clear();
    EXPECT_EQ(free_blocks(), initial);
    EXPECT_EQ(usage_of(table), usage);
}

TEST(FramePoolBanks, BlocksReachOverTheBorderOfBanksThatTouch) {
    const test::SimulatedRam ram({Pa(0), 32 * MiB});
    // The banks touch at 12 MiB, in the middle of a block of 8 MiB.
    const PaRange banks[] = {{Pa(8 * MiB), 4 * MiB}, {Pa(12 * MiB), 12 * MiB}};
    const TakenRange taken[] = {{{Pa(20 * MiB), MiB}, FrameOwner::Modules}};
    FrameTable table;
    FramePool pool;
    ASSERT_TRUE(table.start({banks, taken}));
    pool.start(table, {banks, taken});
    {
        std::vector<Frames> all;
        while (Result<Frames> frames = pool.allocate(0, alpha)) {
            all.push_back(std::move(*frames));
        }
        EXPECT_EQ(table.frames_of(FrameOwner::Free), 0U);
    }
    EXPECT_EQ(pool.free_blocks(11), 1U);
    EXPECT_TRUE(pool.give_back(taken[0].range, FrameOwner::Modules)) << "boot modules can be taken in later";
    EXPECT_EQ(table.frames_of(FrameOwner::Modules), 0U);
}

TEST(FramePoolBanks, FrameZeroIsNeverGivenOut) {
    const test::SimulatedRam ram({Pa(0), 16 * MiB});
    const PaRange banks[] = {{Pa(0), 16 * MiB}};
    FrameTable table;
    FramePool pool;
    ASSERT_TRUE(table.start({banks, {}}));
    pool.start(table, {banks, {}});
    std::vector<Frames> all;
    while (Result<Frames> frames = pool.allocate(0, alpha)) {
        ASSERT_NE(frames->base(), Pa(0));
        all.push_back(std::move(*frames));
    }
    EXPECT_EQ(pool.give_back({Pa(0), page_size}, FrameOwner::Reserved).error(), Error::NotOwned);
    EXPECT_EQ(table.owner_of(Pa(0)), FrameOwner::Reserved);
}

TEST(FramePoolBanks, OrderForBytes) {
    EXPECT_EQ(order_for(1), 0U);
    EXPECT_EQ(order_for(page_size), 0U);
    EXPECT_EQ(order_for(page_size + 1), 1U);
    EXPECT_EQ(order_for(GiB), FramePool::max_order);
}

} // namespace
} // namespace trv::memory

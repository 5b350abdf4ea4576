// SPDX-License-Identifier: Apache-2.0
// The pieces that hold what a guest chose: cookie table, page runs, slot words.

#include "tee/optee/call/slots.hpp"
#include "tee/optee/shared_memory/index_table.hpp"
#include "tee/optee/shared_memory/page_runs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>
#include <vector>

namespace trv::tee::optee {
namespace {

TEST(IndexTables, BehaveLikeAMap) {
    constexpr u32 records = 100;
    IndexTable table = *IndexTable::create(records);
    std::map<u64, u32> map;
    std::mt19937_64 random(1);
    for (u32 i = 0; i < 20000; ++i) {
        const u64 key = 0xffff'0000'8000'0000 + random() % 150 * 256; // as kernel pointers look
        if (map.contains(key)) {
            EXPECT_TRUE(table.remove(key));
            map.erase(key);
        } else if (map.size() < records) {
            table.insert(key, i);
            map[key] = i;
        } else {
            EXPECT_FALSE(table.remove(key));
        }
        ASSERT_EQ(table.size(), map.size());
        if (i % 100 == 0) {
            for (const auto& [known, index] : map) {
                ASSERT_EQ(table.find(known), index);
            }
        }
    }
    table.clear();
    EXPECT_EQ(table.size(), 0U);
    EXPECT_FALSE(table.find(map.begin()->first));
}

TEST(PageLists, RunsMergeAndKeepTheirOrder) {
    ChunkPool pool;
    ASSERT_TRUE(pool.create(3, 9000));
    for (const u64 stride : {1U, 2U}) {
        PageRuns runs;
        std::vector<Pa> pages;
        for (u64 i = 0; i < 9000; ++i) {
            pages.emplace_back(0x4000'0000 + i * stride * page_size);
            runs.append(pool, {pages.back(), 1});
        }
        for (u32 i = 0; i < pages.size(); i += 333) {
            EXPECT_EQ(runs.page(pool, i), pages[i]);
        }
        std::vector<Pa> part;
        runs.for_each_run(pool, 4090, 20, [&](PageRuns::Run run) {
            for (u32 i = 0; i < run.count; ++i) {
                part.push_back(run.first + u64{i} * page_size);
            }
        });
        EXPECT_EQ(part, std::vector<Pa>(pages.begin() + 4090, pages.begin() + 4110));
        u64 taken = 0;
        while (!runs.empty()) {
            const PageRuns::Run run = runs.take(pool, 128);
            EXPECT_LE(run.count, 128U);
            taken += run.count;
        }
        EXPECT_EQ(taken, pages.size()) << "and the pool has its chunks again";
    }
}

TEST(SlotWords, OneOfManyResumes) {
    SlotWord word;
    ASSERT_TRUE(word.claim(SlotState::Free));
    for (int round = 0; round < 200; ++round) {
        const u32 token = word.await_guest(5);
        EXPECT_EQ(SlotWord::index_of(token), 5U);
        std::atomic<int> winners = 0;
        std::vector<std::thread> racers;
        for (int i = 0; i < 4; ++i) {
            racers.emplace_back([&] { winners += word.resume(token) ? 1 : 0; });
        }
        for (std::thread& racer : racers) {
            racer.join();
        }
        ASSERT_EQ(winners, 1);
        EXPECT_EQ(word.state(), SlotState::Running);
    }
}

TEST(SlotWords, OrphansHaveNoToken) {
    SlotWord word;
    EXPECT_FALSE(word.orphan());
    ASSERT_TRUE(word.claim(SlotState::Free));
    EXPECT_FALSE(word.claim(SlotState::Free));
    const u32 token = word.await_guest(0);
    EXPECT_FALSE(word.claim(SlotState::Orphan));
    EXPECT_TRUE(word.orphan());
    EXPECT_FALSE(word.resume(token));
    EXPECT_TRUE(word.claim(SlotState::Orphan));
    word.leave(SlotState::Free);
    EXPECT_FALSE(word.resume(token));
}

} // namespace
} // namespace trv::tee::optee

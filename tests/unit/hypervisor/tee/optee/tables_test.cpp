// SPDX-License-Identifier: Apache-2.0
// The pieces that hold what a guest chose: cookie table, page runs, slot words.

#include "tee/optee/call/slots.hpp"
#include "tee/optee/shared_memory/index_table.hpp"
#include "tee/optee/shared_memory/page_runs.hpp"
#include "tee/optee/tables/applications.hpp"
#include "tee/optee/tables/sessions.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
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
            runs.append(pool, pages.back());
        }
        for (u32 i = 0; i < pages.size(); i += 333) {
            EXPECT_EQ(runs.page(pool, i), pages[i]);
        }
        std::vector<Pa> part;
        runs.for_each_page(pool, 4090, 20, [&](Pa page) { part.push_back(page); });
        EXPECT_EQ(part, std::vector<Pa>(pages.begin() + 4090, pages.begin() + 4110));
        u64 taken = 0;
        while (!runs.empty()) {
            const PageRuns::Run run = runs.take(pool, 128);
            EXPECT_LE(run.pages, 128U);
            taken += run.pages;
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

TEST(OpenSessions, AreBounded) {
    AddressSpaces spaces;
    Sessions sessions(spaces, 0);
    ASSERT_TRUE(sessions.create(2));
    EXPECT_TRUE(sessions.reserve());
    EXPECT_TRUE(sessions.reserve());
    EXPECT_FALSE(sessions.reserve());
    sessions.opened(7, true);
    sessions.cancel();
    EXPECT_TRUE(sessions.reserve());
    sessions.opened(7, true); // OP-TEE gave a number again whose end we missed
    EXPECT_EQ(sessions.count(), 1U);
    EXPECT_FALSE(sessions.begin_close(9));
    EXPECT_TRUE(sessions.begin_close(7));
    EXPECT_FALSE(sessions.begin_close(7)) << "by another call at the same time";
    EXPECT_EQ(sessions.count(), 0U);
    EXPECT_TRUE(sessions.reserve());
    EXPECT_FALSE(sessions.reserve()) << "one that is being closed still counts";
    sessions.cancel();
    EXPECT_TRUE(sessions.reserve());
}

TEST(OpenSessions, TakeAddressSpacesUntilTheyAreClosed) {
    AddressSpaces spaces;
    spaces.start(5);
    spaces.expect(0);
    spaces.expect(1); // three are left: one for each VM, and one for both
    {
        Sessions alpha(spaces, 0);
        Sessions beta(spaces, 1);
        ASSERT_TRUE(alpha.create(100));
        ASSERT_TRUE(beta.create(100));
        EXPECT_TRUE(alpha.reserve());
        EXPECT_TRUE(alpha.reserve());
        EXPECT_FALSE(alpha.reserve()) << "the last is beta's";
        alpha.opened(3, true);
        alpha.opened(3, true); // OP-TEE gave a number again whose end we missed
        EXPECT_EQ(alpha.count(), 1U);
        EXPECT_TRUE(beta.reserve());
        EXPECT_TRUE(beta.reserve());
        EXPECT_FALSE(beta.reserve());
        beta.cancel();
        beta.opened(1, true);
        beta.lose_all();
        EXPECT_TRUE(alpha.reserve());
        ASSERT_TRUE(alpha.begin_close(3));
        EXPECT_FALSE(alpha.reserve()) << "a session that is being closed has its address space";
        alpha.cancel();
        EXPECT_TRUE(alpha.reserve());
    }
    EXPECT_TRUE(spaces.take(0)) << "VMs that end give back all";
    EXPECT_TRUE(spaces.take(0));
    EXPECT_TRUE(spaces.take(1));
    EXPECT_FALSE(spaces.take(1));
}

TEST(OpenSessions, AreLostWithTheirDriver) {
    AddressSpaces spaces;
    Sessions sessions(spaces, 0);
    ASSERT_TRUE(sessions.create(3));
    EXPECT_FALSE(sessions.take_lost());
    for (const u32 session : {7U, 8U}) {
        ASSERT_TRUE(sessions.reserve());
        sessions.opened(session, true);
    }
    ASSERT_TRUE(sessions.reserve());
    sessions.lose_all();
    sessions.opened(9, false); // by a call that was under way
    EXPECT_EQ(sessions.count(), 3U);
    EXPECT_FALSE(sessions.reserve());
    std::set<u32> taken;
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(sessions.has_lost());
        taken.insert(sessions.take_lost().value());
        EXPECT_FALSE(sessions.reserve()) << "until it is closed";
        EXPECT_FALSE(sessions.begin_close(7));
    }
    EXPECT_EQ(taken, (std::set<u32>{7, 8, 9}));
    EXPECT_FALSE(sessions.has_lost());
    sessions.cancel();
    EXPECT_TRUE(sessions.reserve());
}

TEST(SharedAddressSpaces, AreAllOfAVmThatIsAlone) {
    AddressSpaces spaces;
    spaces.expect(3);
    EXPECT_EQ(spaces.most(), 63U);
    for (int i = 0; i < 63; ++i) {
        ASSERT_TRUE(spaces.take(3)) << i;
    }
    EXPECT_FALSE(spaces.take(3));
    spaces.give_back(3);
    EXPECT_TRUE(spaces.take(3));
}

TEST(SharedAddressSpaces, AreHalfOwnAndHalfCommon) {
    for (const u32 vms : {2U, 4U, 8U, 16U}) {
        AddressSpaces spaces;
        spaces.start(127);
        spaces.expect(0, vms);
        EXPECT_GE(spaces.most(), 64U) << vms << " VMs: as many at once as without us";
        u32 greedy = 0;
        while (spaces.take(0)) {
            ++greedy;
        }
        EXPECT_EQ(greedy, spaces.most());
        u32 others = 0;
        for (unsigned vm = 1; vm < vms; ++vm) {
            const u32 before = others;
            while (spaces.take(vm)) {
                ++others;
            }
            EXPECT_EQ(others - before, (127 - vms) / (2 * vms)) << "each is sure of its part";
        }
        EXPECT_LE(greedy + others + vms, 127U);
    }
}

TEST(SharedAddressSpaces, CountWhatAVmLeftLoaded) {
    AddressSpaces spaces;
    spaces.start(12);
    spaces.expect(0, 2); // two each, and six for both
    spaces.keep(0, 7);
    EXPECT_EQ(spaces.kept(0), 7U);
    EXPECT_TRUE(spaces.take(0));
    EXPECT_FALSE(spaces.take(0));
    EXPECT_TRUE(spaces.take(1));
    EXPECT_TRUE(spaces.take(1));
    EXPECT_FALSE(spaces.take(1));
}

TEST(SharedAddressSpaces, NoVmLeavesAllLoaded) {
    AddressSpaces spaces;
    spaces.expect(0);
    spaces.keep(0, 16);
    EXPECT_TRUE(spaces.bears(0));
    spaces.keep(0, 1);
    EXPECT_FALSE(spaces.bears(0));
    spaces.expect(1);
    spaces.keep(1, 16);
    EXPECT_TRUE(spaces.bears(1)) << "whatever the other one left";
    spaces.keep(0, 1000);
    EXPECT_TRUE(spaces.bears(1));
    for (const unsigned vm : {1U, 2U, 3U, 3U}) {
        spaces.expect(vm);
    }
    spaces.keep(2, 8);
    EXPECT_TRUE(spaces.bears(2));
    spaces.keep(2, 1);
    EXPECT_FALSE(spaces.bears(2)) << "of four VMs";
}

TEST(LoadedApplications, AreKnownOnce) {
    Applications applications;
    for (u64 i = 0; i < Applications::most; ++i) {
        applications.add(Uuid::from_words(i, 0));
    }
    applications.add(Uuid::from_words(5, 0));
    EXPECT_EQ(applications.nameless(), 0U);
    applications.add(Uuid::from_words(1000, 0));
    EXPECT_EQ(applications.nameless(), 1U);
    std::set<Uuid> taken;
    while (const std::optional<Uuid> application = applications.take()) {
        EXPECT_TRUE(taken.insert(*application).second);
    }
    EXPECT_EQ(taken.size(), Applications::most);
}

} // namespace
} // namespace trv::tee::optee

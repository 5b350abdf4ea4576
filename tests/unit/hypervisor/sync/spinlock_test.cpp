// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/wait.hpp"
#include "sync/spinlock.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace trv {
namespace {

TEST(SpinLock, LetsOneInAtATime) {
    constexpr unsigned threads = 4;
    constexpr u64 rounds = 20'000;
    SpinLock lock;
    u64 count = 0;
    std::vector<std::thread> running;
    for (unsigned i = 0; i < threads; ++i) {
        running.emplace_back([&] {
            for (u64 round = 0; round < rounds; ++round) {
                const Guard guard(lock);
                count = count + 1;
            }
        });
    }
    for (std::thread& thread : running) {
        thread.join();
    }
    EXPECT_EQ(count, threads * rounds);
}

// One that takes the lock again as soon as it has let it go does not keep others out for ever.
TEST(SpinLock, ServesTheOneThatWaitsBesideOneThatNeverStops) {
    SpinLock lock;
    std::atomic<bool> done = false;
    std::thread hog([&] {
        while (!done.load(std::memory_order_relaxed)) {
            const Guard guard(lock);
            for (int i = 0; i < 100; ++i) {
                arch::relax();
            }
        }
    });
    for (int i = 0; i < 200; ++i) {
        const Guard guard(lock);
    }
    done = true;
    hog.join();
}

} // namespace
} // namespace trv

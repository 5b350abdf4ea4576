// SPDX-License-Identifier: Apache-2.0
#include "interleavings.hpp"
#include "sync/handover.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <memory>
#include <thread>

namespace trv {
namespace {

using ModelHandover = BasicHandover<ModelAtomic>;

/// Writers that each queue something and post it. Who serves moves all that is queued of what was posted.
struct Shared {
    static constexpr unsigned writers = 3;

    ModelHandover handover;
    ModelAtomic<u64> serving{0};
    std::array<ModelAtomic<u64>, writers> queued{0, 0, 0};
    std::array<ModelAtomic<u64>, writers> moved{0, 0, 0};

    void serve(u64 work) REQUIRES(handover) {
        EXPECT_EQ(serving.fetch_add(1), 0U) << "one at a time";
        for (; work != 0; work &= work - 1) {
            const auto writer = static_cast<unsigned>(std::countr_zero(work));
            moved[writer].store(queued[writer].load());
        }
        serving.store(0);
    }
    /// As the multiplexer does it.
    void write(unsigned writer, bool leaves_rest) EXCLUDES(handover) {
        queued[writer].fetch_add(1);
        u64 work = u64{1} << writer;
        if (!handover.try_begin()) {
            if (!handover.post(work)) {
                return;
            }
            work = handover.take();
        }
        for (;;) {
            serve(work);
            if (handover.release() == 0 || leaves_rest || !handover.post(0)) {
                return;
            }
            work = handover.take();
        }
    }
};

struct Outcome {
    std::size_t states;
    unsigned left_posted;
};

Outcome try_all(std::vector<std::pair<unsigned, unsigned>> writes, bool leaves_rest) {
    std::unique_ptr<Shared> shared;
    std::vector<Interleavings::Program> programs;
    for (const auto [writer, times] : writes) {
        programs.emplace_back([&shared, leaves_rest, self = writer, rounds = times] {
            for (unsigned i = 0; i < rounds; ++i) {
                shared->write(self, leaves_rest);
            }
        });
    }
    Outcome outcome{0, 0};
    Interleavings all;
    all.explore(
        std::move(programs), [&] { shared = std::make_unique<Shared>(); },
        [&] {
            const bool busy = shared->handover.is_busy();
            for (unsigned i = 0; i < Shared::writers; ++i) {
                if (!busy) {
                    EXPECT_EQ(shared->moved[i].load(), shared->queued[i].load()) << "what was posted is served";
                }
            }
            if (!leaves_rest) {
                EXPECT_FALSE(busy);
            }
            outcome.left_posted += busy ? 1 : 0;
        });
    outcome.states = all.states();
    return outcome;
}

TEST(Handover, ServesAllThatIsPostedInEveryInterleavingOfTwoCpus) {
    EXPECT_GT(try_all({{0, 2}, {1, 2}}, false).states, 1'000U);
}

TEST(Handover, ServesAllThatIsPostedInEveryInterleavingOfThreeCpus) {
    EXPECT_GT(try_all({{0, 1}, {1, 1}, {2, 1}}, false).states, 1'000U);
}

// A server that has done its share goes. What it leaves is not forgotten: the word says that there is something.
TEST(Handover, WhatAServerLeavesStaysPosted) {
    EXPECT_GT(try_all({{0, 2}, {1, 2}}, true).left_posted, 0U);
}

// The check itself: a server that looks for work only before it says that it leaves loses some.
TEST(Handover, TheModelFindsAProtocolThatLosesWork) {
    struct Broken {
        ModelAtomic<u64> served{0};
        ModelAtomic<u64> posted{0};
        ModelAtomic<u64> done{0};
        void write(u64 work) {
            posted.fetch_or(work);
            if (served.exchange(1) != 0) {
                return;
            }
            while (const u64 taken = posted.exchange(0)) {
                done.fetch_or(taken);
            }
            served.store(0);
        }
    };
    std::unique_ptr<Broken> shared;
    bool lost = false;
    Interleavings all;
    all.explore(
        {[&] { shared->write(1); }, [&] { shared->write(2); }}, [&] { shared = std::make_unique<Broken>(); },
        [&] { lost = lost || shared->done.load() != 3; });
    EXPECT_TRUE(lost);
}

// The real one, on real threads: plain memory that only the server touches stays whole, and nothing is lost.
TEST(Handover, KeepsServersApartAndLosesNothingOnThreads) {
    constexpr unsigned writers = 4;
    constexpr u64 rounds = 20'000;
    Handover handover;
    std::array<std::atomic<u64>, writers> queued{};
    std::array<u64, writers> moved{}; // the server's
    const auto write = [&](unsigned writer) {
        for (u64 i = 0; i < rounds; ++i) {
            queued[writer].fetch_add(1, std::memory_order_relaxed);
            if (!handover.post(u64{1} << writer)) {
                continue;
            }
            do {
                for (u64 work = handover.take(); work != 0; work &= work - 1) {
                    const auto of = static_cast<unsigned>(std::countr_zero(work));
                    moved[of] = queued[of].load(std::memory_order_relaxed);
                }
            } while (handover.release() != 0 && handover.post(0));
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < writers; ++i) {
        threads.emplace_back(write, i);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_FALSE(handover.is_busy());
    for (unsigned i = 0; i < writers; ++i) {
        EXPECT_EQ(moved[i], rounds);
    }
}

} // namespace
} // namespace trv

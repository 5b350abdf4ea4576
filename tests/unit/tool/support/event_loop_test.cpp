// SPDX-License-Identifier: Apache-2.0
#include "tool/support/event_loop.hpp"
#include "tool/support/file_descriptor.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

namespace trv::tool {
namespace {

struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours.reset(ends[0]);
        other.reset(ends[1]);
    }
    void say(char letter) const { EXPECT_EQ(::write(other.get(), &letter, 1), 1); }
    [[nodiscard]] char take() const {
        char letter = ' ';
        EXPECT_EQ(::read(ours.get(), &letter, 1), 1);
        return letter;
    }

    FileDescriptor ours;
    FileDescriptor other;
};

Deadline within(double seconds) {
    Deadline deadline;
    deadline.set(seconds);
    return deadline;
}

TEST(EventLoop, CallsWhatCameInTheOrderOfTheSources) {
    EventLoop loop;
    const Pair first;
    const Pair second;
    const Pair silent;
    std::string heard;
    const auto one = loop.on_input(first.ours.get(), [&] { heard += first.take(); });
    const auto two = loop.on_input(second.ours.get(), [&] { heard += second.take(); });
    const auto three = loop.on_input(silent.ours.get(), [&] { heard += "!"; });
    second.say('b');
    first.say('a');
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(heard, "ab");
}

TEST(EventLoop, CallsAgainWhileThereIsInput) {
    EventLoop loop;
    const Pair pair;
    std::string heard;
    const auto source = loop.on_input(pair.ours.get(), [&] { heard += pair.take(); });
    pair.say('a');
    pair.say('b');
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(heard, "a");
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(heard, "ab");
}

TEST(EventLoop, TheOtherEndsCloseCountsAsInput) {
    EventLoop loop;
    Pair pair;
    bool called = false;
    const auto source = loop.on_input(pair.ours.get(), [&] { called = true; });
    pair.other.reset();
    ASSERT_TRUE(loop.step());
    EXPECT_TRUE(called);
}

TEST(EventLoop, WaitsForOutputOnlyWhileThereIsSome) {
    EventLoop loop;
    const Pair pair;
    int calls = 0;
    bool has_output = true;
    Deadline deadline = within(10);
    const auto source = loop.on_input_or_output(pair.ours.get(), [&] { return has_output; }, [&] { ++calls; });
    const auto limit = loop.on_deadline(deadline, [] {});
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(calls, 1);
    has_output = false;
    deadline.set(0.01);
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(calls, 1) << "a socket with room for output is not input";
}

TEST(EventLoop, APassedDeadlineIsClearedAndCalledOnce) {
    EventLoop loop;
    Deadline soon = within(0);
    Deadline later = within(60);
    int calls = 0;
    const auto first = loop.on_deadline(soon, [&] { ++calls; });
    const auto second = loop.on_deadline(later, [&] { calls += 100; });
    EXPECT_EQ(loop.milliseconds(), 0);
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(soon.is_set());
    EXPECT_GT(loop.milliseconds(), 0) << "the other one is left";
}

TEST(EventLoop, ADeadlineMayBeSetAgainInItsAction) {
    EventLoop loop;
    Deadline pace = within(0);
    int calls = 0;
    const auto source = loop.on_deadline(pace, [&] {
        ++calls;
        pace.set(0);
    });
    ASSERT_TRUE(loop.step());
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(calls, 2);
}

TEST(EventLoop, ReportsASignal) {
    EventLoop loop;
    SignalWatch signals = *SignalWatch::create();
    EXPECT_FALSE(signals.has_come());
    int came = 0;
    const auto source = loop.on_signal(signals, [&](int signal) { came = signal; });
    ::raise(SIGTERM);
    EXPECT_TRUE(signals.has_come());
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(came, SIGTERM);
}

TEST(EventLoop, ASourceMayEndItselfAndOthersInAnAction) {
    EventLoop loop;
    const Pair first;
    const Pair second;
    std::string heard;
    std::vector<EventLoop::Source> sources;
    sources.push_back(loop.on_input(first.ours.get(), [&] {
        heard += first.take();
        sources.clear();
    }));
    sources.push_back(loop.on_input(second.ours.get(), [&] { heard += second.take(); }));
    first.say('a');
    second.say('b');
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(heard, "a");
}

TEST(EventLoop, ASourceMadeInAnActionIsWaitedForNext) {
    EventLoop loop;
    const Pair first;
    const Pair second;
    std::string heard;
    EventLoop::Source inner;
    auto outer = loop.on_input(first.ours.get(), [&] {
        heard += first.take();
        inner = loop.on_input(second.ours.get(), [&] { heard += second.take(); });
    });
    first.say('a');
    second.say('b');
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(heard, "a");
    ASSERT_TRUE(loop.step());
    EXPECT_EQ(heard, "ab");
}

TEST(EventLoop, AnActionsErrorEndsTheStep) {
    EventLoop loop;
    const Pair first;
    const Pair second;
    bool called = false;
    const auto one = loop.on_input(first.ours.get(), [&]() -> Result<void> { return failure("first", "is not well"); });
    const auto two = loop.on_input(second.ours.get(), [&] { called = true; });
    first.say('a');
    second.say('b');
    const auto result = loop.step();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().place, "first");
    EXPECT_FALSE(called);
}

TEST(EventLoop, WithNothingToWaitForReturnsAnError) {
    EventLoop loop;
    Deadline unset;
    auto source = loop.on_deadline(unset, [] {});
    EXPECT_FALSE(loop.step());
    EXPECT_EQ(loop.milliseconds(), -1);
}

TEST(EventLoop, AClosedDescriptorIsAnError) {
    EventLoop loop;
    Pair pair;
    const auto source = loop.on_input(pair.ours.get(), [] {});
    pair.ours.reset();
    EXPECT_FALSE(loop.step());
}

TEST(AwaitInput, DistinguishesInputFromTheTimeLimit) {
    const Pair pair;
    EXPECT_EQ(await_input(pair.ours.get(), within(0.01)), false);
    pair.say('a');
    EXPECT_EQ(await_input(pair.ours.get(), within(60)), true);
}

} // namespace
} // namespace trv::tool

// SPDX-License-Identifier: Apache-2.0
#include "sched/timer_queue.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace trv::sched {
namespace {

struct Alarm {
    explicit Alarm(std::vector<const Alarm*>& log) : rung(log) {}
    static void ring(void* context) {
        Alarm& self = *static_cast<Alarm*>(context);
        EXPECT_FALSE(self.timer.armed());
        self.rung.push_back(&self);
        if (self.again != 0) {
            self.queue->arm(self.timer, std::exchange(self.again, 0));
        }
    }
    std::vector<const Alarm*>& rung;
    SoftTimer timer{ring, this};
    TimerQueue* queue = nullptr;
    u64 again = 0;
};

class TimerQueueTest : public testing::Test {
  public:
    std::vector<const Alarm*> rung;
    Alarm a{rung}, b{rung}, c{rung};
    TimerQueue queue;
};
using Rung = std::vector<const Alarm*>;

TEST_F(TimerQueueTest, RingsInOrderOfDeadlinesNotOfArming) {
    queue.arm(b.timer, 20);
    queue.arm(c.timer, 30);
    queue.arm(a.timer, 10);
    EXPECT_EQ(queue.next_deadline(), 10U);
    queue.expire(20);
    EXPECT_EQ(rung, (Rung{&a, &b})) << "a deadline of just now included";
    EXPECT_EQ(queue.next_deadline(), 30U);
    EXPECT_TRUE(c.timer.armed());
}

TEST_F(TimerQueueTest, EqualDeadlinesRingInTheOrderOfArming) {
    queue.arm(b.timer, 10);
    queue.arm(a.timer, 10);
    queue.expire(10);
    EXPECT_EQ(rung, (Rung{&b, &a}));
}

TEST_F(TimerQueueTest, ArmingAgainMovesTheDeadline) {
    queue.arm(a.timer, 10);
    queue.arm(b.timer, 20);
    queue.arm(a.timer, 30);
    queue.expire(25);
    EXPECT_EQ(rung, Rung{&b});
    EXPECT_EQ(a.timer.deadline(), 30U);
}

TEST_F(TimerQueueTest, ADisarmedTimerDoesNotRing) {
    queue.arm(a.timer, 10);
    queue.disarm(a.timer);
    queue.disarm(a.timer);
    EXPECT_FALSE(queue.next_deadline());
    queue.expire(~u64{0});
    EXPECT_TRUE(rung.empty());
}

TEST_F(TimerQueueTest, MayArmItselfWhileItRings) {
    a.queue = &queue;
    a.again = 20;
    queue.arm(a.timer, 10);
    queue.expire(15);
    EXPECT_EQ(rung.size(), 1U);
    EXPECT_EQ(queue.next_deadline(), 20U);
    queue.expire(20);
    EXPECT_EQ(rung.size(), 2U);
    EXPECT_FALSE(a.timer.armed());
}

} // namespace
} // namespace trv::sched

// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/random_queue.hpp"
#include "host/vhost/random_worker.hpp"
#include "tests/unit/host/vhost/request_queue.hpp"
#include "tool/support/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <limits>
#include <thread>

namespace trv::host::vhost {
namespace {

using testing::HasSubstr;

class RandomQueues : public testing::Test {
  protected:
    /// Serves once, with a queue of its own. @return how many requests; -1 for an error
    int serve() {
        auto queue = RandomQueue::create(ring_.memory(), ring_.queue(), [this](std::span<char> to) {
            const std::size_t size = std::min(to.size(), at_once_);
            std::ranges::fill(to.first(size), 'r');
            return size > 0 ? static_cast<ssize_t>(size) : -1;
        });
        EXPECT_TRUE(queue);
        const auto served = queue->serve();
        error_ = served ? "" : to_string(served.error());
        return served ? static_cast<int>(*served) : -1;
    }
    void expect_refusal(const char* message) {
        const auto before = ring_.bytes;
        EXPECT_EQ(serve(), -1) << message;
        EXPECT_THAT(error_, HasSubstr(message));
        EXPECT_EQ(ring_.used_index(), ring_.first) << message;
        EXPECT_EQ(ring_.bytes, before) << message;
    }

    RequestQueue ring_;
    std::size_t at_once_ = 10'000;
    std::string error_;
};

TEST_F(RandomQueues, FillABuffer) {
    ring_.describe(3, RequestQueue::buffer_at, 64, RequestQueue::writes);
    ring_.offer(3);
    EXPECT_EQ(serve(), 1);
    EXPECT_EQ(ring_.used_index(), ring_.first + 1);
    EXPECT_EQ(ring_.used(0), (std::pair<std::uint32_t, std::uint32_t>{3, 64}));
    EXPECT_EQ(ring_.text(RequestQueue::buffer_at, 65), std::string(64, 'r') + 'x');
}

TEST_F(RandomQueues, GoOnWhenTheKernelGivesLess) {
    at_once_ = 25;
    ring_.describe(0, RequestQueue::buffer_at, 64, RequestQueue::writes);
    ring_.offer(0);
    EXPECT_EQ(serve(), 1);
    EXPECT_EQ(ring_.used(0).second, 64U);
    EXPECT_EQ(ring_.text(RequestQueue::buffer_at, 65), std::string(64, 'r') + 'x');
}

TEST_F(RandomQueues, FillAChainInOrderUpToAPage) {
    ring_.describe(0, RequestQueue::buffer_at, 4000, RequestQueue::writes | RequestQueue::more, 2);
    ring_.describe(2, RequestQueue::buffer_at + 4000, 0, RequestQueue::writes | RequestQueue::more, 1);
    ring_.describe(1, RequestQueue::buffer_at + 8000, 4000, RequestQueue::writes | RequestQueue::more, 77);
    ring_.offer(0);
    EXPECT_EQ(serve(), 1) << "what follows the last byte is not looked at";
    EXPECT_EQ(ring_.used(0).second, RandomQueue::most_bytes);
    EXPECT_EQ(ring_.text(RequestQueue::buffer_at + 8000, 97), std::string(96, 'r') + 'x');
}

TEST_F(RandomQueues, FulfilAllRequestsInOrderAlsoWhereTheIndexWraps) {
    ring_.first = std::numeric_limits<std::uint16_t>::max();
    ring_.start();
    for (std::uint16_t index = 0; index < RequestQueue::size; ++index) {
        ring_.describe(index, RequestQueue::buffer_at + index * 64U, 8, RequestQueue::writes);
        ring_.offer(static_cast<std::uint16_t>(RequestQueue::size - 1 - index));
    }
    EXPECT_EQ(serve(), RequestQueue::size);
    EXPECT_EQ(ring_.used_index(), RequestQueue::size - 1);
    for (std::uint16_t index = 0; index < RequestQueue::size; ++index) {
        EXPECT_EQ(ring_.used(index).first, RequestQueue::size - 1U - index);
    }
}

TEST_F(RandomQueues, DoNothingWithoutARequest) {
    EXPECT_EQ(serve(), 0);
    EXPECT_EQ(ring_.used_index(), ring_.first);
}

TEST_F(RandomQueues, WriteNowhereThatTheDriverMayNotName) {
    constexpr auto end = std::uint64_t{RequestQueue::guest_address} + RequestQueue::memory_size;
    ring_.offer(0);
    ring_.describe_at(0, end - 7, 8, RequestQueue::writes);
    expect_refusal("not in the VM's memory");
    ring_.describe_at(0, RequestQueue::guest_address - 1, 8, RequestQueue::writes);
    expect_refusal("not in the VM's memory");
    ring_.describe_at(0, std::numeric_limits<std::uint64_t>::max(), 8, RequestQueue::writes);
    expect_refusal("not in the VM's memory");
    ring_.describe_at(0, RequestQueue::guest_address, std::numeric_limits<std::uint32_t>::max(), RequestQueue::writes);
    expect_refusal("not in the VM's memory");
    ring_.describe(0, RequestQueue::buffer_at, 8, 0);
    expect_refusal("is not one to write to");
    ring_.describe(0, RequestQueue::buffer_at, 8, RequestQueue::writes | 4); // indirect
    expect_refusal("is not one to write to");
    ring_.describe(0, RequestQueue::buffer_at, 0, RequestQueue::writes);
    expect_refusal("has no room");
}

TEST_F(RandomQueues, EndAChainThatHasNone) {
    ring_.describe(0, RequestQueue::buffer_at, 0, RequestQueue::writes | RequestQueue::more, 1);
    ring_.describe(1, RequestQueue::buffer_at, 0, RequestQueue::writes | RequestQueue::more, 0);
    ring_.offer(0);
    expect_refusal("has no end");
    ring_.describe(1, RequestQueue::buffer_at, 0, RequestQueue::writes | RequestQueue::more, RequestQueue::size);
    expect_refusal("that the queue does not have");
}

TEST_F(RandomQueues, RefuseAHeadThatIsNone) {
    ring_.offer(RequestQueue::size);
    expect_refusal("that the queue does not have");
}

TEST_F(RandomQueues, RefuseMoreRequestsThanEntries) {
    ring_.describe(0, RequestQueue::buffer_at, 8, RequestQueue::writes);
    for (unsigned request = 0; request <= RequestQueue::size; ++request) {
        ring_.offer(0);
    }
    expect_refusal("more requests than the queue has entries");
}

TEST_F(RandomQueues, ReportThatTheKernelGivesNone) {
    at_once_ = 0;
    ring_.describe(0, RequestQueue::buffer_at, 8, RequestQueue::writes);
    ring_.offer(0);
    expect_refusal("gives no random numbers");
}

TEST_F(RandomQueues, RefuseAQueueThatIsNotAligned) {
    auto queue = ring_.queue();
    queue.descriptors += 8;
    EXPECT_FALSE(RandomQueue::create(ring_.memory(), queue, {}));
    queue = ring_.queue();
    queue.available += 1;
    EXPECT_FALSE(RandomQueue::create(ring_.memory(), queue, {}));
    queue = ring_.queue();
    queue.used += 2;
    EXPECT_FALSE(RandomQueue::create(ring_.memory(), queue, {}));
}

/// The worker with its thread, and numbers of the kernel.
class RandomWorkers : public testing::Test {
  protected:
    RandomWorkers()
        : kick_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, call_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
          worker_{*make_random_worker()} {
        EXPECT_TRUE(worker_->begin(0, ring_.memory()));
        auto queue = ring_.queue();
        queue.kick = kick_.get();
        queue.call = call_.get();
        EXPECT_TRUE(worker_->start_queue(0, queue));
        EXPECT_FALSE(worker_->start_queue(0, queue)) << "twice";
    }
    void kick() const { EXPECT_EQ(::eventfd_write(kick_.get(), 1), 0); }
    /// Waits for the interrupt. @return whether it came
    [[nodiscard]] bool called() const {
        tool::Deadline limit;
        limit.set(30);
        eventfd_t count = 0;
        return tool::await_input(call_.get(), limit).value_or(false) && ::eventfd_read(call_.get(), &count) == 0;
    }

    RequestQueue ring_;
    tool::FileDescriptor kick_;
    tool::FileDescriptor call_;
    std::unique_ptr<QueueWorker> worker_;
};

TEST_F(RandomWorkers, AnswerEachKick) {
    EXPECT_EQ(worker_->queues(), 1U);
    for (std::uint16_t round = 0; round < 20; ++round) {
        ring_.describe(1, RequestQueue::buffer_at, 64, RequestQueue::writes);
        ring_.offer(1);
        kick();
        ASSERT_TRUE(called());
        EXPECT_EQ(ring_.used_index(), ring_.first + round + 1);
        EXPECT_EQ(ring_.used(round).second, 64U);
    }
    EXPECT_NE(ring_.text(RequestQueue::buffer_at, 64), std::string(64, 'x'));
}

TEST_F(RandomWorkers, EndWithAQueueThatIsBroken) {
    ring_.offer(RequestQueue::size);
    kick();
    ring_.offer(0);
    kick();
    worker_.reset();
    EXPECT_EQ(ring_.used_index(), ring_.first);
}

} // namespace
} // namespace trv::host::vhost

// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/socket_events.hpp"
#include "tests/unit/host/vhost/request_queue.hpp"
#include "tool/support/file_descriptor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <limits>

namespace trv::host::vhost {
namespace {

/// A queue for events, in which a driver has put a buffer in the place that comes next.
class SocketEvents : public testing::Test {
  protected:
    static constexpr std::uint16_t chain = 3;
    static constexpr std::size_t buffer_at = RequestQueue::buffer_at;
    static constexpr std::uint64_t buffer = RequestQueue::guest_address + buffer_at;

    SocketEvents() : call_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
        describe(buffer, 8, RequestQueue::writes);
        driver_.offer(chain);
    }

    void describe(std::uint64_t address, std::uint32_t length, std::uint16_t flags) {
        driver_.describe_at(chain, address, length, flags);
    }
    [[nodiscard]] Result<void> report() {
        WorkedQueue queue = driver_.queue();
        queue.call = call_.get();
        return report_lost_connections(driver_.memory(), queue);
    }
    [[nodiscard]] bool called() const {
        eventfd_t count = 0;
        return ::eventfd_read(call_.get(), &count) == 0;
    }
    void expect_refusal(const char* why) {
        const auto before = driver_.bytes;
        EXPECT_FALSE(report()) << why;
        EXPECT_EQ(driver_.bytes, before) << why;
        EXPECT_FALSE(called()) << why;
    }

    RequestQueue driver_;
    tool::FileDescriptor call_;
};

TEST_F(SocketEvents, SayThatConnectionsAreGone) {
    EXPECT_TRUE(report());
    EXPECT_EQ(driver_.text(buffer_at, 4), std::string(4, '\0'));
    EXPECT_EQ(driver_.text(buffer_at + 4, 4), "xxxx") << "an event has four bytes";
    EXPECT_EQ(driver_.used_index(), 7);
    EXPECT_THAT(driver_.used(0), testing::Pair(3U, 4U));
    EXPECT_TRUE(called());
}

TEST_F(SocketEvents, AreNotSentWithoutABuffer) {
    driver_.start();
    EXPECT_TRUE(report());
    EXPECT_EQ(driver_.used_index(), 6);
    EXPECT_FALSE(called());
}

TEST_F(SocketEvents, AreNotWrittenWhereTheDriverMayNotSayTo) {
    describe(RequestQueue::guest_address + driver_.bytes.size() - 3, 8, RequestQueue::writes);
    expect_refusal("across the memory's end");
    describe(RequestQueue::guest_address - 4, 8, RequestQueue::writes);
    expect_refusal("before the memory");
    describe(std::numeric_limits<std::uint64_t>::max(), 8, RequestQueue::writes);
    expect_refusal("at the end of all addresses");
    describe(buffer, 3, RequestQueue::writes);
    expect_refusal("too short");
    describe(buffer, 8, 0);
    expect_refusal("for the device to read");
    describe(buffer, 8, RequestQueue::writes);
    driver_.start();
    driver_.offer(RequestQueue::size);
    expect_refusal("no descriptor");
}

} // namespace
} // namespace trv::host::vhost

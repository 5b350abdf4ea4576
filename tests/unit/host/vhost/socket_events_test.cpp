// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/socket_events.hpp"
#include "tool/support/file_descriptor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <array>
#include <cstring>
#include <limits>

namespace trv::host::vhost {
namespace {

constexpr std::uint64_t guest_address = 0x3ee0'0000;
constexpr std::uint16_t size = 4;
constexpr std::size_t available_at = 64;
constexpr std::size_t used_at = 128;
constexpr std::size_t buffer_at = 256;

/// A queue for events, in which a driver has put a buffer in the place that comes next.
class SocketEvents : public testing::Test {
  protected:
    SocketEvents() : call_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
        bytes_.fill('x');
        std::memset(bytes_.data(), 0, buffer_at);
        put<std::uint16_t>(available_at + 2, 7); // six were used before
        put<std::uint16_t>(available_at + 4 + 2 * 2, 3);
        put<std::uint16_t>(used_at + 2, 6);
        describe(guest_address + buffer_at, 8, 2);
    }

    template <typename Value>
    void put(std::size_t at, Value value) {
        std::memcpy(bytes_.data() + at, &value, sizeof value);
    }
    template <typename Value>
    [[nodiscard]] Value get(std::size_t at) const {
        Value value;
        std::memcpy(&value, bytes_.data() + at, sizeof value);
        return value;
    }
    void describe(std::uint64_t address, std::uint32_t length, std::uint16_t flags) {
        put(3 * 16, address);
        put(3 * 16 + 8, length);
        put(3 * 16 + 12, flags);
    }
    [[nodiscard]] Result<void> report() {
        return report_lost_connections({.guest_address = guest_address, .bytes = bytes_},
                                       {.size = size,
                                        .next = 6,
                                        .descriptors = bytes_.data(),
                                        .available = bytes_.data() + available_at,
                                        .used = bytes_.data() + used_at,
                                        .kick = -1,
                                        .call = call_.get()});
    }
    [[nodiscard]] bool called() const {
        eventfd_t count = 0;
        return ::eventfd_read(call_.get(), &count) == 0;
    }
    void expect_refusal(const char* why) {
        const auto before = bytes_;
        EXPECT_FALSE(report()) << why;
        EXPECT_EQ(bytes_, before) << why;
        EXPECT_FALSE(called()) << why;
    }

    alignas(8) std::array<char, 512> bytes_{};
    tool::FileDescriptor call_;
};

TEST_F(SocketEvents, SayThatConnectionsAreGone) {
    EXPECT_TRUE(report());
    EXPECT_EQ(get<std::uint32_t>(buffer_at), 0U);
    EXPECT_EQ(get<std::uint32_t>(buffer_at + 4), 0x78787878U) << "an event has four bytes";
    EXPECT_EQ(get<std::uint16_t>(used_at + 2), 7);
    EXPECT_EQ(get<std::uint32_t>(used_at + 4 + 2 * 8), 3U);
    EXPECT_EQ(get<std::uint32_t>(used_at + 4 + 2 * 8 + 4), 4U);
    EXPECT_TRUE(called());
}

TEST_F(SocketEvents, AreNotSentWithoutABuffer) {
    put<std::uint16_t>(available_at + 2, 6);
    EXPECT_TRUE(report());
    EXPECT_EQ(get<std::uint16_t>(used_at + 2), 6);
    EXPECT_FALSE(called());
}

TEST_F(SocketEvents, AreNotWrittenWhereTheDriverMayNotSayTo) {
    describe(guest_address + bytes_.size() - 3, 8, 2);
    expect_refusal("across the memory's end");
    describe(guest_address - 4, 8, 2);
    expect_refusal("before the memory");
    describe(std::numeric_limits<std::uint64_t>::max(), 8, 2);
    expect_refusal("at the end of all addresses");
    describe(guest_address + buffer_at, 3, 2);
    expect_refusal("too short");
    describe(guest_address + buffer_at, 8, 0);
    expect_refusal("for the device to read");
    describe(guest_address + buffer_at, 8, 2);
    put<std::uint16_t>(available_at + 4 + 2 * 2, size);
    expect_refusal("no descriptor");
}

} // namespace
} // namespace trv::host::vhost

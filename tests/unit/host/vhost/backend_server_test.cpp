// SPDX-License-Identifier: Apache-2.0
// The backend's side of vhost-user with the frontend's.
#include "host/vhost/backend_server.hpp"
#include "host/vhost/frontend.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <map>
#include <thread>

namespace trv::host::vhost {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t pool_address = 0x3ee0'0000;
constexpr std::uint64_t pool_size = 1U << 20;
constexpr std::uint64_t offered = 0x1'2000'8000;

/// What a worker was told.
struct Told {
    bool alive = false;
    std::uint64_t features = 0;
    std::uint64_t guest_address = 0;
    std::size_t size = 0;
    std::map<unsigned, std::uint16_t> next{}; ///< of queues
};

class FakeWorker final : public QueueWorker {
  public:
    explicit FakeWorker(Told& told) : told_{told} { told_.alive = true; }
    ~FakeWorker() override {
        memory_.bytes.front() = 'e'; // the memory is there to the end
        told_.alive = false;
    }

    Result<std::uint64_t> features() override { return offered; }
    unsigned queues() const override { return 2; }
    Result<void> begin(std::uint64_t features, const WorkedMemory& memory) override {
        memory_ = memory;
        told_.features = features;
        told_.guest_address = memory.guest_address;
        told_.size = memory.bytes.size();
        return {};
    }
    Result<void> start_queue(unsigned index, const WorkedQueue& queue) override {
        told_.next[index] = queue.next;
        *queue.used = static_cast<char>('0' + index);
        return ::eventfd_write(queue.call, 1 + queue.size) == 0 ? Result<void>{} : tool::failure("test", "no call");
    }

  private:
    Told& told_;
    std::array<char, 1> nothing_{};
    WorkedMemory memory_{.guest_address = 0, .bytes = nothing_};
};

class BackendSessions : public testing::Test {
  protected:
    BackendSessions()
        : file_{::memfd_create("pool", MFD_CLOEXEC)}, kick_{::eventfd(0, EFD_CLOEXEC)},
          call_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
        EXPECT_EQ(::ftruncate(file_.get(), pool_size), 0);
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours_.reset(ends[0]);
        backend_ = std::thread{[this, theirs = ends[1]] {
            BackendSession session{tool::FileDescriptor{theirs}, std::make_unique<FakeWorker>(told_)};
            Result<bool> answered{true};
            while (answered.value_or(false)) {
                answered = session.answer();
            }
            end_ = answered ? "ended" : to_string(answered.error());
        }};
    }
    ~BackendSessions() override { end(); }

    Frontend greet() { return *Frontend::greet(Connection{std::move(ours_), "net 0"}, {}); }
    std::string end() {
        ours_.reset();
        if (backend_.joinable()) {
            backend_.join();
        }
        return end_;
    }
    [[nodiscard]] SharedMemory memory() const {
        return {.file = file_.get(), .guest_address = pool_address, .size = pool_size};
    }
    [[nodiscard]] Queue queue(std::uint64_t used_at) const {
        return {.size = 128,
                .descriptors = pool_address,
                .available = pool_address + 0x1000,
                .used = pool_address + used_at,
                .next = 7,
                .kick = kick_.get(),
                .call = call_.get()};
    }

    Told told_;
    tool::FileDescriptor file_;
    tool::FileDescriptor kick_;
    tool::FileDescriptor call_;
    tool::FileDescriptor ours_;
    std::thread backend_;
    std::string end_;
};

TEST_F(BackendSessions, GiveTheWorkerWhatTheDriverHasSetUp) {
    {
        auto frontend = greet();
        EXPECT_EQ(frontend.features(), offered);
        const std::array queues{queue(0x2000), queue(0x3000), queue(0x4000)};
        const auto started = frontend.start(offered, memory(), queues, {});
        ASSERT_TRUE(started) << to_string(started.error());
        EXPECT_EQ(told_.features, offered);
        EXPECT_EQ(told_.guest_address, pool_address);
        EXPECT_EQ(told_.size, pool_size);
        EXPECT_EQ(told_.next, (std::map<unsigned, std::uint16_t>{{0, 7}, {1, 7}})) << "the third queue has no work";
        eventfd_t calls = 0;
        EXPECT_EQ(::eventfd_read(call_.get(), &calls), 0);
        EXPECT_EQ(calls, 2 * (1U + 128));
        EXPECT_TRUE(told_.alive);
    }
    EXPECT_EQ(end(), "ended");
    EXPECT_FALSE(told_.alive);
    std::array<char, 0x3001> seen{};
    EXPECT_EQ(::pread(file_.get(), seen.data(), seen.size(), 0), static_cast<ssize_t>(seen.size()));
    EXPECT_EQ(seen[0], 'e');
    EXPECT_EQ(seen[0x2000], '0');
    EXPECT_EQ(seen[0x3000], '1');
}

constexpr std::uint64_t used_ring_size = 6 + 8 * 128;

TEST_F(BackendSessions, TakeAQueueAtTheEndOfTheMemory) {
    auto frontend = greet();
    const std::array queues{queue(pool_size - used_ring_size)};
    EXPECT_TRUE(frontend.start(offered, memory(), queues, {}));
    EXPECT_EQ(told_.next.size(), 1U);
}

/// Where the used ring is, of which the last byte or all is beyond the memory; the last of all lies before the memory.
class OutsideOfTheMemory : public BackendSessions, public testing::WithParamInterface<std::uint64_t> {};

TEST_P(OutsideOfTheMemory, AQueueIsRefused) {
    {
        auto frontend = greet();
        const std::array queues{queue(GetParam())};
        const auto started = frontend.start(offered, memory(), queues, {});
        ASSERT_FALSE(started);
        EXPECT_THAT(to_string(started.error()), HasSubstr("refuses request 18"));
    }
    EXPECT_THAT(end(), HasSubstr("a queue is not in the VM's memory for devices"));
    EXPECT_FALSE(told_.alive);
    EXPECT_TRUE(told_.next.empty());
}

INSTANTIATE_TEST_SUITE_P(BackendSessions, OutsideOfTheMemory,
                         testing::Values(pool_size - used_ring_size + 1, pool_size, pool_size + 0x1000,
                                         std::uint64_t{0} - 1, ~pool_address));

TEST_F(BackendSessions, RefuseMemoryBeyondItsFile) {
    {
        auto frontend = greet();
        auto larger = memory();
        larger.size *= 2;
        const std::array queues{queue(0x2000)};
        EXPECT_FALSE(frontend.start(offered, larger, queues, {})) << "access behind its end would be a signal";
    }
    EXPECT_THAT(end(), HasSubstr("request 5"));
}

TEST_F(BackendSessions, RefuseAQueueThatIsNotSetUp) {
    Connection connection{std::move(ours_), "net 0"};
    EXPECT_FALSE(connection.tell(Request::EnableQueue, bytes_of(QueueState{.index = 1, .value = 1}), {}, true));
    EXPECT_THAT(end(), HasSubstr("queue 1 is to start before it is set up"));
}

TEST_F(BackendSessions, RefuseQueuesThatNoDeviceHas) {
    Connection connection{std::move(ours_), "net 0"};
    EXPECT_FALSE(connection.tell(Request::SetQueueSize, bytes_of(QueueState{.index = 4, .value = 16}), {}, true));
    EXPECT_THAT(end(), HasSubstr("has no queue 4"));
}

/// A frontend waits for a socket as long as a program takes to start, and for an answer three seconds.
TEST(BackendServers, ListenWhenTheirWorkerIsReady) {
    const auto folder = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path(), "backend");
    const auto socket = folder.path() / "net0.sock";
    Told told;
    unsigned workers = 0;
    std::string end;
    std::thread server{[&] {
        const auto served = serve_connections(socket, [&]() -> Result<std::unique_ptr<QueueWorker>> {
            EXPECT_EQ(std::filesystem::exists(socket), workers > 0);
            EXPECT_FALSE(told.alive) << "the last one has ended";
            if (++workers == 3) {
                return tool::failure("test", "the third worker cannot be made");
            }
            return std::make_unique<FakeWorker>(told);
        });
        end = to_string(served.error());
    }};
    for (unsigned connections = 0; connections < 2;) {
        if (auto connection = *Connection::open(socket, "net 0")) {
            const auto frontend = Frontend::greet(*std::move(connection), {});
            EXPECT_TRUE(frontend);
            EXPECT_EQ(frontend->features(), offered);
            ++connections;
        }
    }
    server.join();
    EXPECT_THAT(end, HasSubstr("the third worker"));
}

} // namespace
} // namespace trv::host::vhost

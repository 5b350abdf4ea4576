// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/connection.hpp"
#include "host/vhost/frontend.hpp"
#include "host/vhost/passed_descriptors.hpp"
#include "tests/unit/host/bound_socket.hpp"
#include "tool/support/files.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace trv::host::vhost {
namespace {

using testing::HasSubstr;

/// A connection whose backend has said what it will say.
class Connections : public testing::Test {
  protected:
    Connections() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        connection_.emplace(tool::FileDescriptor{ends[0]}, "disk 0");
        backend_.reset(ends[1]);
    }

    void say(Request request, std::string_view payload,
             std::uint32_t flags = header_flag::version | header_flag::reply) {
        say_bytes(bytes_of(Header{.request = static_cast<std::uint32_t>(request),
                                  .flags = flags,
                                  .size = static_cast<std::uint32_t>(payload.size())}) +
                  std::string{payload});
    }
    void say_bytes(std::string_view bytes) {
        EXPECT_EQ(::send(backend_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    }
    std::string heard() {
        std::string bytes(4096, '\0');
        const ssize_t got = ::recv(backend_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return bytes;
    }
    std::string mistake() {
        const auto reply = connection_->ask(Request::GetFeatures);
        return reply ? "none" : to_string(reply.error());
    }

    std::optional<Connection> connection_;
    tool::FileDescriptor backend_;
};

TEST_F(Connections, ARequestIsItsHeaderAndItsPayload) {
    say(Request::GetFeatures, bytes_of(std::uint64_t{0x123}));
    const auto reply = connection_->ask(Request::GetFeatures, "four");
    ASSERT_TRUE(reply) << to_string(reply.error());
    EXPECT_EQ(payload_in<std::uint64_t>(reply->payload), 0x123U);
    EXPECT_EQ(heard(), bytes_of(Header{.request = 1, .flags = 1, .size = 4}) + "four");
}

TEST_F(Connections, AnAcknowledgementOtherThanZeroIsAnError) {
    say(Request::SetOwner, bytes_of(std::uint64_t{1}));
    const auto told = connection_->tell(Request::SetOwner, {}, {}, true);
    ASSERT_FALSE(told);
    EXPECT_EQ(to_string(told.error()), "disk 0: the backend refuses request 3");
    EXPECT_TRUE(connection_->tell(Request::SetOwner, {}, {}, false));
}

TEST_F(Connections, RepliesOfAnotherFormAreErrors) {
    say(Request::SetOwner, {});
    EXPECT_THAT(mistake(), HasSubstr("answered request 1 with message 3"));
    say(Request::GetFeatures, {}, header_flag::version);
    EXPECT_THAT(mistake(), HasSubstr("flags 0x1")) << "not a reply";
    say(Request::GetFeatures, {}, header_flag::reply);
    EXPECT_THAT(mistake(), HasSubstr("flags 0x4")) << "no version";
    say_bytes(bytes_of(Header{.request = 1, .flags = 5, .size = 1U << 31}));
    EXPECT_THAT(mistake(), HasSubstr("2147483648 bytes"));
    say_bytes("short");
    backend_.reset();
    EXPECT_FALSE(connection_->ask(Request::GetFeatures));
}

TEST_F(Connections, ABackendThatHasGoneIsAnError) {
    say_bytes(bytes_of(Header{.request = 1, .flags = 5, .size = 8}) + "abc");
    ::shutdown(backend_.get(), SHUT_WR);
    EXPECT_THAT(mistake(), HasSubstr("has ended the connection"));
}

TEST_F(Connections, OfSeveralDescriptorsTheFirstIsKept) {
    const auto bytes = bytes_of(Header{.request = 1, .flags = 5, .size = 0});
    ASSERT_EQ(send_part(backend_.get(), bytes, 0, std::array{STDOUT_FILENO, STDERR_FILENO}),
              static_cast<ssize_t>(bytes.size()));
    const auto reply = connection_->ask(Request::GetFeatures);
    ASSERT_TRUE(reply) << to_string(reply.error());
    EXPECT_TRUE(reply->descriptor);
}

TEST_F(Connections, AFrontendRefusesABackendWithoutProtocolFeatures) {
    say(Request::GetFeatures, bytes_of(std::uint64_t{0x123}));
    const auto frontend = Frontend::greet(*std::move(connection_), {});
    ASSERT_FALSE(frontend);
    EXPECT_THAT(to_string(frontend.error()), HasSubstr("too old"));
}

TEST(ConnectionsToNothing, AreNoError) {
    const auto folder = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto none = Connection::open(folder.path() / "none", "disk 0");
    ASSERT_TRUE(none) << to_string(none.error());
    EXPECT_FALSE(none->has_value());
}

/// Backends may write into the folder of their sockets.
TEST(ConnectionsToOtherThings, AreErrors) {
    const auto folder = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto socket = folder.path() / "socket";
    const auto listener = bound_socket(socket, SOCK_STREAM);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    const auto connection = Connection::open(socket, "disk 0");
    ASSERT_TRUE(connection) << to_string(connection.error());
    EXPECT_TRUE(connection->has_value());
    std::filesystem::create_symlink(socket, folder.path() / "link");
    EXPECT_FALSE(Connection::open(folder.path() / "link", "disk 0")) << "it may lead to another VM's";
    EXPECT_TRUE(tool::write_file(folder.path() / "file", ""));
    EXPECT_FALSE(Connection::open(folder.path() / "file", "disk 0"));
}

/// What a backend says and ends with, of memory for requests in flight.
class InFlightMemory : public Connections {
  protected:
    void greet() {
        say(Request::GetFeatures, bytes_of(has_protocol_features));
        say(Request::GetProtocolFeatures, bytes_of(protocol_feature::in_flight));
        frontend_.emplace(*Frontend::greet(*std::move(connection_), {.keeps_in_flight = true}));
    }
    Result<InFlight> offered(int file, std::uint64_t size) {
        const auto bytes =
            bytes_of(Header{.request = static_cast<std::uint32_t>(Request::GetInFlight),
                            .flags = header_flag::version | header_flag::reply,
                            .size = sizeof(InFlightState)}) +
            bytes_of(InFlightState{.size = size, .offset = 0, .queues = 1, .queue_size = 4, .padding = 0});
        EXPECT_EQ(send_part(backend_.get(), bytes, 0, std::array{file}), static_cast<ssize_t>(bytes.size()));
        return frontend_->allocate_in_flight(std::array{Queue{.size = 4}});
    }
    static tool::FileDescriptor memory(std::size_t size, int seals) {
        tool::FileDescriptor file{::memfd_create("requests", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
        EXPECT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
        EXPECT_EQ(::fcntl(file.get(), F_ADD_SEALS, seals), 0);
        return file;
    }

    std::optional<Frontend> frontend_;
};

TEST_F(InFlightMemory, StaysAsLargeAsTheBackendSays) {
    greet();
    EXPECT_TRUE(offered(memory(4096, F_SEAL_SHRINK).get(), 4096));
    EXPECT_FALSE(offered(memory(4096, F_SEAL_GROW).get(), 4096)) << "it could be cut off under the next backend";
    EXPECT_FALSE(offered(memory(4095, F_SEAL_SHRINK).get(), 4096));
    EXPECT_FALSE(offered(memory(1 << 21, F_SEAL_SHRINK).get(), 1 << 21));
    EXPECT_FALSE(offered(STDOUT_FILENO, 0)) << "which is not memory";
}

TEST_F(Connections, AFrontendAsksForMemoryOnlyWhereItIsWanted) {
    say(Request::GetFeatures, bytes_of(has_protocol_features));
    say(Request::GetProtocolFeatures, bytes_of(protocol_feature::in_flight));
    auto frontend = Frontend::greet(*std::move(connection_), {});
    ASSERT_TRUE(frontend) << to_string(frontend.error());
    const auto none = frontend->allocate_in_flight(std::array{Queue{.size = 4}});
    ASSERT_TRUE(none) << to_string(none.error());
    EXPECT_FALSE(none->memory);
}

} // namespace
} // namespace trv::host::vhost

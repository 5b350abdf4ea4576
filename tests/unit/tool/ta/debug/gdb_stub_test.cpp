// SPDX-License-Identifier: Apache-2.0
#include "tool/control/unix_socket.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/debug/gdb_stub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>

namespace trv::tool::ta {
namespace {

class GdbStub : public testing::Test {
  protected:
    /// A stub that takes one packet, sends a reply, and ends.
    Result<void> release_from_stub_with(std::string_view reply) {
        const auto socket = control::listen_in(folder_.path(), control::gdb_socket_name);
        std::thread stub([&] {
            int client = -1;
            while (client < 0) { // the listening socket does not block
                client = ::accept(socket->get(), nullptr, nullptr);
            }
            const FileDescriptor closed_at_end{client};
            std::array<char, 64> bytes;
            const ssize_t got = ::recv(client, bytes.data(), bytes.size(), 0);
            packet_.assign(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
            ::send(client, reply.data(), reply.size(), MSG_NOSIGNAL);
        });
        auto released = release_machine(folder_.path());
        stub.join();
        return released;
    }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    std::string packet_{};
};

TEST_F(GdbStub, IsDetachedFrom) {
    EXPECT_TRUE(release_from_stub_with("+$OK#9a"));
    ASSERT_EQ(packet_, "$D;1#b0");
    unsigned sum = 0;
    for (const char letter : packet_.substr(1, 3)) {
        sum += static_cast<unsigned char>(letter);
    }
    EXPECT_EQ(sum % 256, 0xb0U);
}

TEST_F(GdbStub, ThatEndsIsAnError) {
    const auto released = release_from_stub_with("+$E22#");
    ASSERT_FALSE(released);
    EXPECT_THAT(to_string(released.error()), testing::HasSubstr("does not answer the debugger"));
}

TEST_F(GdbStub, ThatIsNotThereIsAnError) {
    EXPECT_FALSE(release_machine(folder_.path()));
}

} // namespace
} // namespace trv::tool::ta

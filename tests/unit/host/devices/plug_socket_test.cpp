// SPDX-License-Identifier: Apache-2.0
#include "host/devices/plug_socket.hpp"
#include "tool/support/files.hpp"
#include "tool/support/unix_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <future>

namespace trv::host::devices {
namespace {

using testing::HasSubstr;

class PlugSockets : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path path() const { return PlugSocket::path_of("a", folder_.path()); }
    void serve() {
        auto made = PlugSocket::listen("a", folder_.path());
        ASSERT_TRUE(made) << to_string(made.error());
        socket_ = *std::move(made);
        socket_->serve(loop_, [this](std::string_view device, Change change, Answer answer) {
            device_ = device;
            change_ = change;
            answer_ = std::move(answer);
        });
    }
    [[nodiscard]] tool::FileDescriptor connect() const {
        tool::FileDescriptor socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
        const auto address = *tool::unix_address(path().native());
        EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return socket;
    }
    /// What the server answers to these bytes.
    std::string answer_to(std::string_view text) {
        const auto socket = connect();
        EXPECT_EQ(::send(socket.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
        EXPECT_TRUE(loop_.step()); // takes the connection
        EXPECT_TRUE(loop_.step()); // takes the request
        std::array<char, 1024> bytes{};
        const ssize_t got = ::recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return got < 0 ? "none" : std::string{bytes.data(), static_cast<std::size_t>(got)};
    }
    [[nodiscard]] std::future<std::string> ask(const std::string& device, Change change) const {
        return std::async(std::launch::async, [this, device, change] {
            const auto how = ask_for_change("a", device, change, folder_.path());
            return how ? "done" : to_string(how.error());
        });
    }
    void await_request() {
        while (!answer_) {
            EXPECT_TRUE(loop_.step());
        }
    }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    tool::EventLoop loop_;
    std::string device_;
    std::optional<Change> change_;
    Answer answer_;
    std::unique_ptr<PlugSocket> socket_;
};

TEST_F(PlugSockets, CarryARequestAndItsAnswer) {
    serve();
    auto first = ask("disk1", Change::Plug);
    await_request();
    EXPECT_EQ(device_, "disk1");
    EXPECT_EQ(change_, Change::Plug);
    std::exchange(answer_, {})({});
    EXPECT_EQ(first.get(), "done");
    auto second = ask("net0", Change::Unplug);
    await_request();
    EXPECT_EQ(device_, "net0");
    EXPECT_EQ(change_, Change::Unplug);
    std::exchange(answer_, {})(tool::failure("VM a: net0", "a driver\nuses it", "Let it go."));
    EXPECT_EQ(second.get(), "VM a: net0: a driver uses it. Let it go.");
}

TEST_F(PlugSockets, UnderstandRequestsAlone) {
    serve();
    const auto silent = connect(); // and holds up nothing
    EXPECT_TRUE(loop_.step());
    for (const std::string text :
         {std::string{"plug"}, std::string{"plug "}, std::string{"plug disk1 "}, std::string{"plug  disk1"},
          std::string{"plug disk1\n"}, std::string{"plug disk1\0", 11}, std::string{"plugs disk1"},
          std::string{"PLUG disk1"}, "plug " + std::string(100, 'a'), std::string(4000, 'x')}) {
        EXPECT_THAT(answer_to(text), HasSubstr("failed\nVM a\n")) << text;
        EXPECT_FALSE(answer_) << text;
    }
    EXPECT_EQ(answer_to("unplug disk1"), "none") << "which comes later";
    EXPECT_EQ(device_, "disk1");
}

TEST_F(PlugSockets, AreOneProgramsAndItsUsers) {
    EXPECT_TRUE(PlugSocket::expect_none("a", folder_.path()));
    serve();
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    const auto other = PlugSocket::listen("a", folder_.path());
    ASSERT_FALSE(other);
    EXPECT_THAT(to_string(other.error()), HasSubstr("VM a: another program serves devices of a VM of this name"));
    socket_.reset();
    EXPECT_FALSE(std::filesystem::exists(path()));
    ASSERT_TRUE(tool::write_file(path(), "left by another"));
    serve();
    EXPECT_EQ(answer_to("plug disk1"), "none");
}

TEST_F(PlugSockets, ThatEndAnswerNobody) {
    auto without = ask("disk1", Change::Plug);
    EXPECT_THAT(without.get(), HasSubstr("VM a: no program serves devices of it"));
    serve();
    auto asked = ask("disk1", Change::Plug);
    await_request();
    answer_ = {}; // its server has ended
    EXPECT_THAT(asked.get(), HasSubstr("ended before it answered. See what the VM has: trivisorctl devices a"));
}

} // namespace
} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#include "host/serve/service_manager.hpp"
#include "tests/unit/host/bound_socket.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace trv::host::serve {
namespace {

/// A systemd that hears what a service says.
class ServiceManagers : public testing::Test {
  protected:
    ServiceManagers() {
        const auto path = folder_.path() / "notify";
        socket_ = bound_socket(path, SOCK_DGRAM);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        ::setenv("TRIVISOR_SERVICE", "trivisor-vm@a.service", 1);
    }

    /// The next message, and whether a descriptor came with it.
    std::pair<std::string, bool> heard() {
        std::string text(256, '\0');
        iovec part{.iov_base = text.data(), .iov_len = text.size()};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        const cmsghdr* const rights = CMSG_FIRSTHDR(&message);
        if (rights != nullptr) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
            ::close(descriptor);
        }
        return {text, rights != nullptr};
    }

    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path());
    tool::FileDescriptor socket_;
};

TEST_F(ServiceManagers, HearThatAServiceIsReadyAndKeepItsDescriptors) {
    const auto manager = ServiceManager::take_from_environment();
    EXPECT_EQ(manager.service(), "trivisor-vm@a.service");
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr) << "which is not for its children";
    ASSERT_TRUE(manager.ready());
    EXPECT_EQ(heard(), std::pair(std::string{"READY=1"}, false));
    ASSERT_TRUE(manager.keep(socket_.get(), "bank.1.2"));
    EXPECT_EQ(heard(), std::pair(std::string{"FDSTORE=1\nFDNAME=bank.1.2"}, true));
    ASSERT_TRUE(manager.drop("flight.0"));
    EXPECT_EQ(heard(), std::pair(std::string{"FDSTOREREMOVE=1\nFDNAME=flight.0"}, false));
}

TEST_F(ServiceManagers, AreNotThereForAProgramWithoutThem) {
    (void)ServiceManager::take_from_environment();
    auto manager = ServiceManager::take_from_environment();
    EXPECT_EQ(manager.service(), "");
    EXPECT_TRUE(manager.kept().empty());
    EXPECT_TRUE(manager.ready());
    EXPECT_EQ(heard().first, "");
}

TEST_F(ServiceManagers, DescriptorsThatAreForAnotherProcessAreLeftAlone) {
    ::setenv("LISTEN_PID", std::to_string(::getpid() + 1).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "bank.1.2:flight.0", 1);
    auto manager = ServiceManager::take_from_environment();
    EXPECT_TRUE(manager.kept().empty());
}

} // namespace
} // namespace trv::host::serve

// SPDX-License-Identifier: Apache-2.0
// Source: [unix(7)], SCM_RIGHTS.
#include "host/vhost/passed_descriptors.hpp"

#include <sys/socket.h>

#include <array>
#include <cstring>

namespace trv::host::vhost {

namespace {

/// Room for the descriptors that come with a message.
struct DescriptorRoom {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

void take_descriptors(msghdr& message, tool::FileDescriptor& first) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t index = 0; index < count; ++index) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + index * sizeof(int), sizeof number);
            tool::FileDescriptor descriptor{number};
            if (!first) {
                first = std::move(descriptor);
            }
        }
    }
}

} // namespace

ssize_t send_part(int socket, std::span<const char> bytes, int flags, std::span<const int> descriptors) {
    iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    DescriptorRoom control;
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.bytes.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* const rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
    }
    return ::sendmsg(socket, &message, MSG_NOSIGNAL | flags);
}

ssize_t receive_part(int socket, std::span<char> to, int flags, tool::FileDescriptor& first) {
    iovec part{.iov_base = to.data(), .iov_len = to.size()};
    DescriptorRoom control;
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
    if (got > 0) {
        take_descriptors(message, first);
    }
    return got;
}

} // namespace trv::host::vhost

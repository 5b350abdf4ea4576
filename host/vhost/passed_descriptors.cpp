// SPDX-License-Identifier: Apache-2.0
// Source: [unix(7)], SCM_RIGHTS.
#include "host/vhost/passed_descriptors.hpp"

#include <cstring>

namespace trv::host::vhost {

namespace {

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

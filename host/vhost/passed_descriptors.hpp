// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/file_descriptor.hpp"

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>

namespace trv::host::vhost {

/// More than any message of vhost-user has.
inline constexpr std::size_t most_descriptors = 8;

/// Room for the descriptors that come with a message.
struct DescriptorRoom {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

/// recvmsg(): receives bytes, keeps the first descriptor that comes with them if there is none yet, and closes the others.
/// @param flags  besides MSG_CMSG_CLOEXEC
/// @return as recvmsg(), with errno
[[nodiscard]] ssize_t receive_part(int socket, std::span<char> to, int flags, tool::FileDescriptor& first);

} // namespace trv::host::vhost

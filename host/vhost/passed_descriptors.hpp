// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/file_descriptor.hpp"

#include <sys/types.h>

#include <cstddef>
#include <span>

namespace trv::host::vhost {

/// More than any message of vhost-user has.
inline constexpr std::size_t most_descriptors = 8;

/// sendmsg(): sends bytes, and descriptors with them if there are some.
/// @param flags  besides MSG_NOSIGNAL
/// @param descriptors  at most most_descriptors
/// @return as sendmsg(), with errno
[[nodiscard]] ssize_t send_part(int socket, std::span<const char> bytes, int flags, std::span<const int> descriptors);

/// recvmsg(): receives bytes, keeps the first descriptor that comes with them if there is none yet, and closes the others.
/// @param flags  besides MSG_CMSG_CLOEXEC
/// @return as recvmsg(), with errno
[[nodiscard]] ssize_t receive_part(int socket, std::span<char> to, int flags, tool::FileDescriptor& first);

} // namespace trv::host::vhost

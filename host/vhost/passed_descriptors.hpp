// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/file_descriptor.hpp"

#include <sys/socket.h>

#include <array>
#include <cstddef>

namespace trv::host::vhost {

/// More than any message of vhost-user has.
inline constexpr std::size_t most_descriptors = 8;

/// Room for the descriptors that come with a message.
struct DescriptorRoom {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

/// Takes all descriptors of a received message, keeps the first if there is none yet, and closes the others.
void take_descriptors(msghdr& message, tool::FileDescriptor& first);

} // namespace trv::host::vhost

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/file_descriptor.hpp"
#include "tool/support/unix_address.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace trv::host {

/// A socket that a test makes as another program would, at a path.
/// @param type  SOCK_STREAM or SOCK_DGRAM
[[nodiscard]] inline tool::FileDescriptor bound_socket(const std::filesystem::path& path, int type) {
    tool::FileDescriptor socket{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)};
    const auto address = tool::unix_address(path.native());
    EXPECT_TRUE(address) << path << " is too long";
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address), 0);
    return socket;
}

} // namespace trv::host

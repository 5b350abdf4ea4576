// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>

namespace trv::tool::control {

/// Name of the socket in the folder of a run.
inline constexpr const char* socket_name = "control.sock";

/// A stream socket in the folder that only this user can connect to. Works however long the folder's path is.
[[nodiscard]] Result<FileDescriptor> listen_in(const std::filesystem::path& folder);

/// Connects to the socket in the folder; an error if no process listens there.
[[nodiscard]] Result<FileDescriptor> connect_in(const std::filesystem::path& folder);

} // namespace trv::tool::control

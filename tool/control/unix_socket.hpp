// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>

namespace trv::tool::control {

/// Names of the sockets in the folder of a run: of its clients, and of QEMU's stub for gdb, if the run has that.
inline constexpr const char* socket_name = "control.sock";
inline constexpr const char* gdb_socket_name = "gdb.sock";

/// A stream socket in the folder that only this user can connect to. Works however long the folder's path is.
[[nodiscard]] Result<FileDescriptor> listen_in(const std::filesystem::path& folder, const char* name = socket_name);

/// Connects to a socket in the folder; an error if no process listens there.
[[nodiscard]] Result<FileDescriptor> connect_in(const std::filesystem::path& folder, const char* name = socket_name);

} // namespace trv::tool::control

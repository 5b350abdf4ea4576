// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <string>

namespace trv::host::vhost {

/// Makes a tap device that is a port of a bridge of the host's, for which it needs CAP_NET_ADMIN, and gives up all capabilities.
/// The device is gone when the descriptor is closed.
[[nodiscard]] tool::Result<tool::FileDescriptor> open_tap(const std::string& bridge);

} // namespace trv::host::vhost

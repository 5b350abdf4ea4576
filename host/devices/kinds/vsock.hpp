// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_process.hpp"

namespace trv::host::devices {

/// Sockets between the VM and the host, of the address family AF_VSOCK, which the host's kernel serves.
/// @param cid  the VM's address
[[nodiscard]] BackendPlan plan_vsock(unsigned cid, const Household& household);

} // namespace trv::host::devices

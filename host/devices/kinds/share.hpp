// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_process.hpp"
#include "tool/machine/vm_share.hpp"

namespace trv::host::devices {

/// A folder of the host's that virtiofsd serves.
/// @param index  among the VM's shares
[[nodiscard]] BackendPlan plan_share(const tool::machine::VmShare& share, unsigned index, const Household& household);

} // namespace trv::host::devices

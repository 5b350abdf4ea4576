// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_process.hpp"

namespace trv::host::devices {

/// Random numbers of the host's kernel, which this program serves.
[[nodiscard]] BackendPlan plan_rng(const Household& household);

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console/json_writer.hpp"
#include "tee/tenant.hpp"

namespace trv::management {

/// Writes an object: a VM's use of OP-TEE so far, and its current resources there. Omits counters that are zero.
void write_tee(console::JsonWriter& json, const tee::Tenant& tenant);

} // namespace trv::management

#pragma once

#include "console/json_writer.hpp"
#include "tee/tenant.hpp"

namespace trv::vm {

/// An object: what a VM's use of OP-TEE came to, and what it holds there now. Counters that are zero are left out.
void write_tee(console::JsonWriter& json, const tee::Tenant& tenant);

} // namespace trv::vm

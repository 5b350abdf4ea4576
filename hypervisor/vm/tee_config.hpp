#pragma once

#include "machine/description.hpp"
#include "tee/config.hpp"

namespace trv::vm {

/// From the machine description's terms to the mediator's; what is not given takes the mediator's defaults.
/// @param sharers VMs of the description that have an OP-TEE
[[nodiscard]] tee::TenantConfig tee_config(std::string_view vm, const machine::Tee& description, unsigned sharers);

} // namespace trv::vm

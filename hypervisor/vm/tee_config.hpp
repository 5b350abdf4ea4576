// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "machine/description.hpp"
#include "tee/optee/config.hpp"

namespace trv::vm {

/// Converts the machine description's limits to the mediator's; missing ones get the mediator's defaults.
/// @param sharers described VMs that have an OP-TEE
[[nodiscard]] tee::optee::PartitionConfig tee_config(std::string_view vm, const machine::Tee& description,
                                                     unsigned sharers);

} // namespace trv::vm

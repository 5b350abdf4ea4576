// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/device_server.hpp"
#include "host/manager/manager.hpp"
#include "tool/machine/machine_description.hpp"

#include <memory>
#include <span>
#include <string>

namespace trv::host::devices {

/// A folder for the sockets of a VM's backends, which is made if it does not exist: /run/trivisor/NAME.
/// @param service  that serves the VM; empty: none
[[nodiscard]] Result<Household> household_of(const std::string& vm, const std::string& service = {});

/// How the devices of a VM's description are to be served, in the order of their slots.
[[nodiscard]] std::vector<BackendPlan> plans_for(const tool::machine::VmDescription& vm, const Household& household);

/// The memory that they are to use.
[[nodiscard]] Result<Bank> bank_for(const tool::machine::VmDescription& vm, std::span<const BackendPlan> plans);

/// Serves the devices of a VM that was made and has not started.
[[nodiscard]] Result<std::unique_ptr<DeviceServer>> serve_devices(const manager::Manager& manager,
                                                                  const tool::machine::VmDescription& description,
                                                                  const manager::NewVm& vm, tool::EventLoop& loop,
                                                                  const Household& household,
                                                                  const ServedDevice::Cancelled& cancelled);

} // namespace trv::host::devices

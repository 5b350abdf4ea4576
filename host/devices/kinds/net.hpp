// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_process.hpp"
#include "tool/machine/vm_net.hpp"

namespace trv::host::devices {

/// A network card that passt serves, so that the VM's connections are those of a program of the host's; or the host's kernel, as
/// a port of a bridge.
/// @param index    among the VM's networks
/// @param devices  how many it has of all kinds: they share the memory for requests
[[nodiscard]] BackendPlan plan_net(const tool::machine::VmNet& net, unsigned index, std::size_t devices,
                                   const Household& household);

/// The address of a network card that the description gives none: it stays the same as long as the VM's name and the host
/// do, and differs from those of other VMs and hosts.
/// @param host  what this host alone has
[[nodiscard]] tool::machine::MacAddress mac_of(std::string_view vm, unsigned index, std::string_view host);

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The parts of parse(), one per file. Each fills its part of the machine and reports what it ignores.

#include "lib/device_tree/device_tree.hpp"
#include "machine/description.hpp"
#include "machine/images.hpp"
#include "machine/problems.hpp"

namespace trv::machine {

void parse_memory(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_reserved(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_cpus(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_psci(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_gic(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_timer(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_pmu(const DeviceTree& tree, Machine& machine);
/// Of /chosen/stdout-path.
void parse_uart(const DeviceTree& tree, std::span<const std::string_view> drivers, Machine& machine,
                Problems& problems);
void parse_rtc(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_optee(const DeviceTree& tree, Machine& machine, Problems& problems);
void parse_initrd(const DeviceTree& tree, Machine& machine, Problems& problems);
/// A kaslr-seed alone is too short to be used.
void parse_seed(const DeviceTree& tree, Machine& machine, Problems& problems);
/// Of /chosen/trivisor, if there is one. Call this after the hardware is parsed: VMs are checked against it.
void parse_vms(const DeviceTree& tree, const Images& images, Machine& machine, Problems& problems);

/// Interrupt `index` of the node's `interrupts`.
/// [Linux, Documentation/devicetree/bindings/interrupt-controller/arm,gic-v3.yaml]
/// @return the INTID; Error::NotFound without such an entry, Error::Unsupported if it goes to another controller than
/// the
///         GIC, Error::Invalid if it names no SPI or PPI
[[nodiscard]] Result<u32> interrupt(const DeviceTree& tree, const DeviceNode& node, std::size_t index);

} // namespace trv::machine

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The driver of this image's interrupt controller. It is chosen when the image is built, so that no call is indirect:
// interrupts and exits go through here.

#include "generated/option/gicv2.hpp"
#include "irqchip/gicv2/gicv2.hpp"
#include "irqchip/gicv2/virtual_interface.hpp"
#include "irqchip/gicv3/gicv3.hpp"
#include "irqchip/gicv3/virtual_interface.hpp"
#include "irqchip/interface/physical.hpp"
#include "irqchip/interface/virtual_interface.hpp"

#include <type_traits>

namespace trv::irqchip {

/// Guests can have a GICv2; the virtual GIC then keeps what only that has.
inline constexpr bool models_gicv2 = option::gicv2;

using Gic = std::conditional_t<option::gicv2, Gicv2, Gicv3>;
using CpuInterrupts = std::conditional_t<option::gicv2, Gicv2CpuInterrupts, Redistributor>;
using VirtualInterface = std::conditional_t<option::gicv2, Gicv2VirtualInterface, Gicv3VirtualInterface>;

static_assert(GicDriver<Gic>);
static_assert(CpuInterruptsDriver<CpuInterrupts>);
static_assert(VirtualInterfaceDriver<VirtualInterface>);

} // namespace trv::irqchip

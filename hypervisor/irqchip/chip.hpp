// SPDX-License-Identifier: Apache-2.0
#pragma once
// The driver of this image's interrupt controller. It is chosen when the image is built, so that no call is indirect:
// interrupts and exits go through here.

#include "arch/registers/ich.hpp"
#include "irqchip/gicv3/gicv3.hpp"
#include "irqchip/interface/physical.hpp"
#include "irqchip/interface/virtual_interface.hpp"

namespace trv::irqchip {

using Gic = Gicv3;
using CpuInterrupts = Redistributor;
using VirtualInterface = arch::Ich;

static_assert(GicDriver<Gic>);
static_assert(CpuInterruptsDriver<CpuInterrupts>);
static_assert(VirtualInterfaceDriver<VirtualInterface>);

} // namespace trv::irqchip

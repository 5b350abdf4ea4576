// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual GIC that this image gives VMs: of the machine's architecture, whose CPU interface the guest uses.

#include "generated/option/gicv2.hpp"
#include "vdev/gic/vgic_v2.hpp"
#include "vdev/gic/vgic_v3.hpp"

#include <type_traits>

namespace trv::vdev {

using VGic = std::conditional_t<option::gicv2, VGicV2, VGicV3>;

} // namespace trv::vdev

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual interface of a GICv3: system registers.

#include "arch/registers/ich.hpp"

namespace trv::irqchip {

struct Gicv3VirtualInterface : arch::Ich {
    [[nodiscard]] static constexpr bool deactivates_physical() { return true; }
};

} // namespace trv::irqchip

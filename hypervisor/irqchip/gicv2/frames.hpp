// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the registers of the machine's GICv2 are. Those of a CPU are at the same address on each CPU, so that functions
// without an object reach them, as a GICv3's driver reaches system registers.

#include "lib/limits.hpp"
#include "lib/types.hpp"

#include <array>

namespace trv::irqchip {

/// Written by boot code: by the boot CPU, and `targets` by each CPU before it is online.
struct Gicv2Frames {
    struct Target {
        u64 mpidr = 0;
        u32 interface = 0; ///< its bit in GICD_ITARGETSR and GICD_SGIR; 0: not initialised
    };

    Va distributor;
    Va cpu_interface;
    Va virtual_control;
    u64 virtual_type = 0; ///< as ICH_VTR_EL2; a constant, read once, because devices answer slowly
    /// A guest's deactivation of an interrupt that its list register maps to a physical one reaches that.
    bool deactivates_physical = true;
    std::array<Target, max_cpus> targets{}; ///< by the CPU's index

    /// @return 0 for a CPU that is not initialised
    [[nodiscard]] u32 interface_of(u64 mpidr) const {
        for (const Target& target : targets) {
            if (target.interface != 0 && target.mpidr == mpidr) {
                return target.interface;
            }
        }
        return 0;
    }
};

inline constinit Gicv2Frames gicv2_frames;

} // namespace trv::irqchip

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The registers of the virtual interface, for tests of its driver. What the virtual GIC does is tested with
// irqchip/fake_virtual_interface.hpp, which behaves as the interface does.

#include "lib/types.hpp"

#include <array>

namespace trv::arch {

struct Ich {
    [[nodiscard]] static u64 vtr() { return type; }
    static void set_hcr(u64 value) { hcr = value; }
    static void set_vmcr(u64 value) { vmcr = value; }
    static void set_list_register(unsigned n, u64 value) { lr.at(n) = value; }
    static void set_active_priorities0(unsigned n, u64 value) { ap0r.at(n) = value; }
    static void set_active_priorities1(unsigned n, u64 value) { ap1r.at(n) = value; }

    static inline u64 type, hcr, vmcr;
    static inline std::array<u64, 16> lr;
    static inline std::array<u64, 4> ap0r, ap1r;
};

} // namespace trv::arch

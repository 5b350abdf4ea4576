// SPDX-License-Identifier: Apache-2.0
#pragma once
// Access to the GIC's virtual interface control registers of this CPU, by the registers' names [GICv3 12.4].

#include "lib/types.hpp"

namespace trv::arch {

#define TRV_ICH_READ(name, value) asm volatile("mrs %0, " name : "=r"(value))
#define TRV_ICH_WRITE(name, value) asm volatile("msr " name ", %0" : : "r"(value))

struct Ich {
    [[nodiscard]] static u64 vtr() {
        u64 value;
        TRV_ICH_READ("ICH_VTR_EL2", value);
        return value;
    }

    [[nodiscard]] static u64 hcr() {
        u64 value;
        TRV_ICH_READ("ICH_HCR_EL2", value);
        return value;
    }
    static void set_hcr(u64 value) { TRV_ICH_WRITE("ICH_HCR_EL2", value); }

    [[nodiscard]] static u64 vmcr() {
        u64 value;
        TRV_ICH_READ("ICH_VMCR_EL2", value);
        return value;
    }
    static void set_vmcr(u64 value) { TRV_ICH_WRITE("ICH_VMCR_EL2", value); }

    /// Precondition of all below: the register exists, which ICH_VTR_EL2 says.
    [[nodiscard]] static u64 list_register(unsigned n);
    static void set_list_register(unsigned n, u64 value);
    [[nodiscard]] static u64 active_priorities0(unsigned n);
    static void set_active_priorities0(unsigned n, u64 value);
    [[nodiscard]] static u64 active_priorities1(unsigned n);
    static void set_active_priorities1(unsigned n, u64 value);
};

} // namespace trv::arch

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The generic timer as EL1 sees it [Arm ARM D12].

#include "guest/layout.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"

namespace trv::bare {

/// The virtual counter. The ISB keeps it from being read before what precedes it has been done.
[[nodiscard]] inline u64 now() {
    isb();
    return CntvctEl0::read();
}

[[nodiscard]] inline u64 frequency() {
    return arch::CntfrqEl0::read();
}
[[nodiscard]] inline u64 microseconds(u64 count) {
    return count * frequency() / 1'000'000;
}

/// CNTV_* and CNTP_* differ in name only.
template <typename Ctl, typename Cval, typename Tval, typename Counter, u32 intid_>
struct Timer {
    static constexpr u32 intid = intid_;

    [[nodiscard]] static u64 count() {
        isb();
        return Counter::read();
    }
    static void set(u64 deadline) {
        Cval::write(deadline);
        set_control(arch::timer_ctl::ENABLE);
    }
    static void set_in(i32 ticks) {
        Tval::write(static_cast<u32>(ticks));
        set_control(arch::timer_ctl::ENABLE);
    }
    [[nodiscard]] static u64 deadline() { return Cval::read(); }
    [[nodiscard]] static i32 remaining() { return static_cast<i32>(static_cast<u32>(Tval::read())); }
    static void set_control(u64 value) {
        Ctl::write(value);
        isb();
    }
    static void stop() { set_control(0); }
    [[nodiscard]] static bool expired() { return (Ctl::read() & arch::timer_ctl::ISTATUS) != 0; }
};

using VirtualTimer = Timer<arch::CntvCtlEl0, arch::CntvCvalEl0, CntvTvalEl0, CntvctEl0, guest::timer_virtual_intid>;
using PhysicalTimer = Timer<CntpCtlEl0, CntpCvalEl0, CntpTvalEl0, arch::CntpctEl0, guest::timer_physical_intid>;

} // namespace trv::bare

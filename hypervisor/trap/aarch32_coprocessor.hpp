// SPDX-License-Identifier: Apache-2.0
#pragma once
// Trapped accesses to AArch32's system registers, by the AArch64 registers that they are [Arm ARM G8.1.3]. Portable.

#include "arch/registers/syndrome.hpp"

#include <optional>

namespace trv::trap::aarch32 {

using arch::field;
using arch::system_register;
using arch::SystemRegister;
using arch::SystemRegisterTrap;

/// ISS of a trapped MCR or MRC: like that of MSR and MRS, but without op0.
using RegisterTransfer = SystemRegisterTrap;

/// ISS of a trapped MCRR or MRRC.
struct PairTransfer {
    u64 iss;

    [[nodiscard]] constexpr bool read() const { return (iss & 1) != 0; }
    [[nodiscard]] constexpr unsigned low_index() const { return static_cast<unsigned>(field(iss, 9, 5)); }
    [[nodiscard]] constexpr unsigned high_index() const { return static_cast<unsigned>(field(iss, 14, 10)); }
    [[nodiscard]] constexpr u32 op1() const { return static_cast<u32>(field(iss, 19, 16)); }
    [[nodiscard]] constexpr u32 crm() const { return static_cast<u32>(field(iss, 4, 1)); }
};

/// A trap of MRS or MSR with the same direction.
[[nodiscard]] constexpr SystemRegisterTrap trap_of(SystemRegister name, unsigned register_index, bool read) {
    const u64 op0 = field(name.encoding, 15, 14);
    const u64 op1 = field(name.encoding, 13, 11);
    const u64 crn = field(name.encoding, 10, 7);
    const u64 crm = field(name.encoding, 6, 3);
    const u64 op2 = field(name.encoding, 2, 0);
    return {op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | u64{register_index} << 5 | crm << 1 | (read ? 1 : 0)};
}

/// Whether it is one of the identification registers that HCR_EL2.TID3 traps, and AArch32 has none there: it reads as zero.
[[nodiscard]] constexpr bool is_reserved_identification(RegisterTransfer transfer) {
    if (transfer.op1() != 0 || transfer.crn() != 0) {
        return false;
    }
    // In AArch64, MVFR0 to MVFR2 and what describes AArch64 are there.
    return transfer.crm() >= 4 || (transfer.crm() == 3 && transfer.op2() < 4);
}

/// @return nothing if the hypervisor emulates no such register
[[nodiscard]] constexpr std::optional<SystemRegister> counterpart(RegisterTransfer transfer) {
    if (transfer.op1() != 0) {
        return std::nullopt;
    }
    const auto same = [&](u32 op1) { return system_register(3, op1, transfer.crn(), transfer.crm(), transfer.op2()); };
    switch (transfer.crn()) {
    case 0: // ID_PFR0 and so on
        return transfer.crm() >= 1 && transfer.crm() <= 3 ? std::optional(same(0)) : std::nullopt;
    case 1: // ACTLR, ACTLR2
        return transfer.crm() == 0 && (transfer.op2() == 1 || transfer.op2() == 3)
                   ? std::optional(system_register(3, 0, 1, 0, 1))
                   : std::nullopt;
    case 12: // ICC_DIR, ICC_SRE
        return same(0);
    case 14: // CNTP_TVAL, CNTP_CTL
        return transfer.crm() == 2 && transfer.op2() <= 1 ? std::optional(same(3)) : std::nullopt;
    default:
        return std::nullopt;
    }
}
[[nodiscard]] constexpr std::optional<SystemRegister> counterpart(PairTransfer transfer) {
    if (transfer.crm() == 12 && transfer.op1() <= 2 && !transfer.read()) { // ICC_SGI1R, ICC_ASGI1R, ICC_SGI0R
        return system_register(3, 0, 12, 11, 5 + transfer.op1());
    }
    if (transfer.crm() == 14 && transfer.op1() == 2) { // CNTP_CVAL
        return system_register(3, 3, 14, 2, 2);
    }
    return std::nullopt;
}

/// MVFR0 to MVFR2, which VMRS reads. @param iss of the trapped instruction
[[nodiscard]] constexpr std::optional<SystemRegister> media_register(u64 iss) {
    constexpr u32 mvfr0 = 7;
    constexpr u32 mvfr2 = 5;
    const u32 number = RegisterTransfer{iss}.crn();
    return number >= mvfr2 && number <= mvfr0 ? std::optional(system_register(3, 0, 0, 3, mvfr0 - number))
                                              : std::nullopt;
}

} // namespace trv::trap::aarch32

// SPDX-License-Identifier: Apache-2.0
#pragma once
// ESR_EL2, decoded [Arm ARM D24.2.45]. Portable.

#include "arch/registers/registers.hpp"

#include <string_view>

namespace trv::arch {

enum class ExceptionClass : u8 {
    Unknown = 0x00,
    Wfx = 0x01,
    Transfer15 = 0x03, ///< AArch32: MCR or MRC
    Pair15 = 0x04,     ///< AArch32: MCRR or MRRC
    Transfer14 = 0x05,
    Memory14 = 0x06, ///< AArch32: LDC or STC
    FpAccess = 0x07,
    Vmrs = 0x08, ///< AArch32
    Pair14 = 0x0c,
    IllegalState = 0x0e,
    Hvc32 = 0x12,
    Smc32 = 0x13,
    Hvc64 = 0x16,
    Smc64 = 0x17,
    SystemRegister = 0x18,
    Sve = 0x19,
    InstructionAbortLower = 0x20,
    InstructionAbortSame = 0x21,
    PcAlignment = 0x22,
    DataAbortLower = 0x24,
    DataAbortSame = 0x25,
    SpAlignment = 0x26,
    SError = 0x2f,
    BreakpointSame = 0x31,
    StepSame = 0x33,
    WatchpointSame = 0x35,
    Brk64 = 0x3c,
};

/// Describes the exception class in words.
[[nodiscard]] std::string_view describe_exception_class(u64 esr);
/// Describes a data or instruction abort's fault status code in words.
[[nodiscard]] std::string_view describe_fault_status(u64 esr);

struct Syndrome {
    u64 value;

    [[nodiscard]] constexpr ExceptionClass exception_class() const {
        return static_cast<ExceptionClass>(field(value, 31, 26));
    }
    /// Size of the trapped instruction in bytes: 2 or 4 for T32.
    [[nodiscard]] constexpr u64 instruction_size() const { return (value & bit(25)) != 0 ? 4 : 2; }
    [[nodiscard]] constexpr u64 iss() const { return field(value, 24, 0); }
};

/// ISS of a data abort.
struct DataAbort {
    u64 iss;

    [[nodiscard]] constexpr bool valid() const { return (iss & bit(24)) != 0; } ///< ISV: the fields below are valid
    [[nodiscard]] constexpr u8 size() const { return static_cast<u8>(1U << field(iss, 23, 22)); } ///< bytes
    [[nodiscard]] constexpr bool sign_extend() const { return (iss & bit(21)) != 0; }
    [[nodiscard]] constexpr unsigned register_index() const { return static_cast<unsigned>(field(iss, 20, 16)); }
    [[nodiscard]] constexpr bool is_64_bit_register() const { return (iss & bit(15)) != 0; }
    [[nodiscard]] constexpr bool on_table_walk() const { return (iss & bit(7)) != 0; } ///< S1PTW
    [[nodiscard]] constexpr bool write() const { return (iss & bit(6)) != 0; }
    [[nodiscard]] constexpr u64 fault_status() const { return field(iss, 5, 0); }
    [[nodiscard]] constexpr bool is_translation_fault() const { return field(iss, 5, 2) == 1; }
    [[nodiscard]] constexpr bool is_permission_fault() const { return field(iss, 5, 2) == 3; }
};

/// The register value after a load of `size` bytes [Arm ARM C6.2: LDR*, LDRS*].
[[nodiscard]] constexpr u64 extend_loaded(u64 value, DataAbort abort) {
    const unsigned bits = abort.size() * 8U;
    if (bits == 64) {
        return value;
    }
    value &= bit(bits) - 1;
    if (abort.sign_extend() && (value & bit(bits - 1)) != 0) {
        value |= ~(bit(bits) - 1);
        return abort.is_64_bit_register() ? value : value & 0xffff'ffff;
    }
    return value;
}

/// A system register's name as the trap encodes it: op0, op1, CRn, CRm, op2.
struct SystemRegister {
    u32 encoding;

    constexpr bool operator==(const SystemRegister&) const = default;
};
[[nodiscard]] constexpr SystemRegister system_register(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2) {
    return {(op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2};
}

/// ISS of a trapped MRS or MSR.
struct SystemRegisterTrap {
    u64 iss;

    [[nodiscard]] constexpr bool read() const { return (iss & 1) != 0; }
    [[nodiscard]] constexpr unsigned register_index() const { return static_cast<unsigned>(field(iss, 9, 5)); }
    [[nodiscard]] constexpr u32 op0() const { return static_cast<u32>(field(iss, 21, 20)); }
    [[nodiscard]] constexpr u32 op1() const { return static_cast<u32>(field(iss, 16, 14)); }
    [[nodiscard]] constexpr u32 crn() const { return static_cast<u32>(field(iss, 13, 10)); }
    [[nodiscard]] constexpr u32 crm() const { return static_cast<u32>(field(iss, 4, 1)); }
    [[nodiscard]] constexpr u32 op2() const { return static_cast<u32>(field(iss, 19, 17)); }
    [[nodiscard]] constexpr SystemRegister name() const { return system_register(op0(), op1(), crn(), crm(), op2()); }
};

/// HPFAR_EL2.FIPA and the offset in FAR_EL2: the faulting guest-physical address.
[[nodiscard]] constexpr Ipa faulting_ipa(u64 hpfar, u64 far) {
    return Ipa((field(hpfar, 43, 4) << 12) | (far & 0xfff));
}

} // namespace trv::arch

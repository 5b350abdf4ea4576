// SPDX-License-Identifier: Apache-2.0
#include "arch/registers/id_registers.hpp"

#include "generated/option/pmu.hpp"

#include <algorithm>

namespace trv::arch {
namespace {

/// Keeps the 4-bit fields that begin at the given bits, clears the rest: unknown features stay hidden.
template <typename... Bits>
constexpr u64 keep(u64 value, Bits... low) {
    return value & (... | (u64{0xf} << low));
}

constexpr u64 put(u64 value, unsigned low, u64 nibble) {
    return (value & ~(u64{0xf} << low)) | (nibble << low);
}

constexpr auto pfr0 = system_register(3, 0, 0, 4, 0);
constexpr auto pfr1 = system_register(3, 0, 0, 4, 1);
constexpr auto dfr0 = system_register(3, 0, 0, 5, 0);
constexpr auto isar0 = system_register(3, 0, 0, 6, 0);
constexpr auto isar1 = system_register(3, 0, 0, 6, 1);
constexpr auto mmfr0 = system_register(3, 0, 0, 7, 0);
constexpr auto mmfr1 = system_register(3, 0, 0, 7, 1);
constexpr auto mmfr2 = system_register(3, 0, 0, 7, 2);
constexpr auto aarch32_pfr0 = system_register(3, 0, 0, 1, 0);
constexpr auto aarch32_pfr1 = system_register(3, 0, 0, 1, 1);
constexpr auto aarch32_dfr0 = system_register(3, 0, 0, 1, 2);

/// EL0, FP, AdvSIMD, GIC, DIT, CSV2, CSV3. No EL2 and EL3 of the guest's own, no RAS, SVE, MPAM, AMU; EL1 in AArch64
/// only.
u64 sanitize_pfr0(u64 value) {
    value = keep(value, 0, 4, 16, 20, 24, 48, 56, 60);
    // CSV2 above 1 promises SCXTNUM registers, which trap and are not switched.
    const u64 csv2 = field(value, 59, 56);
    return put(put(value, 4, 1), 56, csv2 > 1 ? 1 : csv2);
}

/// Breakpoints and watchpoints, of which the guest has the CPU's (trap/debug_register.cpp), and the debug architecture up to
/// the one before MDSELR_EL1 (FEAT_Debugv8p9); a PMU if the image has it for guests; no trace or statistical profiling.
u64 sanitize_dfr0(u64 value) {
    constexpr u64 armv8_8 = 0xa;
    const u64 debug = put(keep(value, 0, 12, 20, 28), 0, std::min(field(value, 3, 0), armv8_8));
    return put(debug, 8, option::pmu ? guest_pmu_version(value) : 0);
}

/// Address authentication (APA, API) and its generic form (GPA, GPI) need keys that a switch does not save yet: hidden.
/// DPB, JSCVT, FCMA, LRCPC, FRINTTS, SB, SPECRES, BF16, DGH, I8MM stay.
u64 sanitize_isar1(u64 value) {
    return keep(value, 0, 12, 16, 20, 32, 36, 40, 44, 48, 52);
}

/// PARange, ASIDBits, SNSMem, the granules. Stage 2 gives a guest 39 bits of addresses (vm/vm.cpp), and the nearest
/// PARange above is 40. No BigEnd, BigEndEL0: devices are read and written in little-endian order only
/// (trap/guest_abort.cpp). No ECV, FGT: they control what belongs to EL2.
u64 sanitize_mmfr0(u64 value) {
    constexpr u64 range_40_bits = 2;
    value = keep(value, 0, 4, 12, 20, 24, 28);
    return put(value, 0, field(value, 3, 0) < range_40_bits ? field(value, 3, 0) : range_40_bits);
}

/// HAFDBS, HPDS, PAN, XNX, ETS. No VMIDBits, VHE, LORegions, SpecSEI, TWED.
u64 sanitize_mmfr1(u64 value) {
    return keep(value, 0, 12, 20, 28, 36);
}

/// CnP, UAO, LSM, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD. No IESB, NV, FWB, EVT.
u64 sanitize_mmfr2(u64 value) {
    return keep(value, 0, 4, 8, 16, 20, 28, 32, 36, 48, 52, 60);
}

} // namespace

u64 sanitize_id_register(SystemRegister name, u64 value) {
    switch (name.encoding) {
    case pfr0.encoding:
        return sanitize_pfr0(value);
    case pfr1.encoding:
        return keep(value, 0, 4); // BT, SSBS; no MTE, SME, NMI
    case dfr0.encoding:
        return sanitize_dfr0(value);
    case isar0.encoding:
        return value & ~(u64{0xf} << 56) & ~(u64{0xf} << 24); // no TLBI by range or Outer Shareable, no TME
    case isar1.encoding:
        return sanitize_isar1(value);
    case mmfr0.encoding:
        return sanitize_mmfr0(value);
    case mmfr1.encoding:
        return sanitize_mmfr1(value);
    case mmfr2.encoding:
        return sanitize_mmfr2(value);
    case aarch32_pfr0.encoding:
        return keep(value, 0, 4, 8, 12); // no RAS, AMU
    case aarch32_pfr1.encoding:
        return keep(value, 0, 16, 28); // no Security, Virtualization extensions
    case aarch32_dfr0.encoding:
        return keep(value, 0); // no PMU, no trace
    default:
        break;
    }
    // The remaining AArch32 registers describe instructions; the remaining AArch64 ones (ZFR0, SMFR0, DFR1, AFR*,
    // ISAR2, …) describe features that are hidden or unknown.
    constexpr u32 crm_mask = 0xf << 3;
    constexpr u32 last_aarch32_row = 3 << 3;
    return (name.encoding & crm_mask) <= last_aarch32_row ? value : 0;
}

} // namespace trv::arch

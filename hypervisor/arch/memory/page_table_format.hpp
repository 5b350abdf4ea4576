// SPDX-License-Identifier: Apache-2.0
#pragma once
// VMSAv8-64 translation tables with 4 KiB pages: descriptors and control registers as numbers. This code accesses no
// register, so it is tested on the host.
//
// Stage 1 is that of the EL2 regime with HCR_EL2.E2H = 0, one range of addresses [Arm ARM D8.1]; stage 2 that of the
// EL1&0 regime. Output addresses have at most 48 bits.

#include "lib/result.hpp"
#include "lib/types.hpp"

namespace trv::arch {

inline constexpr unsigned table_entries = 512;
inline constexpr unsigned last_level = 3;

/// Address bits below those that index a table of this level.
[[nodiscard]] constexpr unsigned level_shift(unsigned level) {
    return page_shift + 9 * (last_level - level);
}
/// Bytes that one entry of this level covers: 512 GiB, 1 GiB, 2 MiB, 4 KiB.
[[nodiscard]] constexpr u64 level_size(unsigned level) {
    return u64{1} << level_shift(level);
}
/// Whether an entry of this level can map memory itself. Level 0 cannot without 52-bit addresses [Arm ARM D8.3].
[[nodiscard]] constexpr bool level_has_leaves(unsigned level) {
    return level >= 1;
}

enum class MemoryType : u8 {
    Normal, ///< write-back cacheable, inner shareable
    Device, ///< Device-nGnRE for the hypervisor, Device-nGnRnE for guests
};

/// The guest's access rights in a stage-2 mapping. Reading is always allowed.
enum class Access : u8 { ReadOnly, ReadWrite, ReadExecute, ReadWriteExecute };
[[nodiscard]] constexpr bool can_write(Access a) {
    return a == Access::ReadWrite || a == Access::ReadWriteExecute;
}
[[nodiscard]] constexpr bool can_execute(Access a) {
    return a == Access::ReadExecute || a == Access::ReadWriteExecute;
}

/// The hypervisor's access rights in a mapping; no value is both writable and executable.
enum class HostAccess : u8 {
    ReadOnly,
    ReadWrite,
    ReadExecute,
    ReadExecuteGuarded, ///< indirect branches must land on BTI instructions
};

/// Attribute fields of a block or page descriptor, in place [Arm ARM D8.3].
struct LeafAttributes {
    u64 bits = 0;
    constexpr bool operator==(const LeafAttributes&) const = default;
};

/// One entry of a translation table [Arm ARM D8.3].
class Descriptor {
  public:
    constexpr Descriptor() = default; ///< invalid
    constexpr explicit Descriptor(u64 bits) : bits_(bits) {}

    /// @param table page-aligned
    [[nodiscard]] static constexpr Descriptor to_table(Pa table) { return Descriptor(table.value | type_table); }
    /// @param output aligned to level_size(level)
    [[nodiscard]] static constexpr Descriptor to_memory(Pa output, unsigned level, LeafAttributes attributes) {
        return Descriptor(output.value | attributes.bits | (level == last_level ? type_page : type_block));
    }

    /// Invalid for the hardware, which checks only bit 0, but it still contains the table's address.
    [[nodiscard]] static constexpr Descriptor retired(Pa table) { return Descriptor(table.value | type_retired); }

    [[nodiscard]] constexpr u64 bits() const { return bits_; }
    [[nodiscard]] constexpr bool is_retired() const { return (bits_ & type_mask) == type_retired; }
    [[nodiscard]] constexpr bool is_valid() const { return (bits_ & 1) != 0; }
    [[nodiscard]] constexpr bool is_table(unsigned level) const {
        return level != last_level && (bits_ & type_mask) == type_table;
    }
    [[nodiscard]] constexpr bool is_leaf(unsigned level) const { return is_valid() && !is_table(level); }
    /// The address of the next table, or of a leaf's memory.
    [[nodiscard]] constexpr Pa output() const { return Pa(bits_ & output_mask); }
    [[nodiscard]] constexpr LeafAttributes attributes() const { return {bits_ & ~(output_mask | type_mask)}; }

  private:
    static constexpr u64 type_mask = 3;
    static constexpr u64 type_block = 1;
    static constexpr u64 type_retired = 2;
    static constexpr u64 type_table = 3;
    static constexpr u64 type_page = 3;
    static constexpr u64 output_mask = 0x0000'ffff'ffff'f000;

    u64 bits_ = 0;
};
static_assert(sizeof(Descriptor) == 8);

/// Fields common to both stages [Arm ARM D8.3].
namespace leaf {
inline constexpr u64 inner_shareable = u64{3} << 8;
inline constexpr u64 outer_shareable = u64{2} << 8;
inline constexpr u64 access_flag = u64{1} << 10; ///< set: access faults are not used
inline constexpr u64 execute_never = u64{1} << 54;
} // namespace leaf

/// Attribute indices in mair_value.
inline constexpr u64 mair_index_normal = 0;
inline constexpr u64 mair_index_device = 1;
/// [Arm ARM, MAIR_EL2]: Attr0 Normal, write-back, read and write allocate, non-transient; Attr1 Device-nGnRE.
inline constexpr u64 mair_value = u64{0xff} << (8 * mair_index_normal) | u64{0x04} << (8 * mair_index_device);

/// Stage 1 at EL2. AP[1] is RES1 in a regime with one privilege level; AP[2] makes read-only [Arm ARM D8.4].
[[nodiscard]] constexpr LeafAttributes host_attributes(MemoryType type, HostAccess access) {
    constexpr u64 ap1_res1 = u64{1} << 6;
    constexpr u64 ap2_read_only = u64{1} << 7;
    constexpr u64 guarded_page = u64{1} << 50;
    u64 bits = leaf::access_flag | ap1_res1;
    bits |= type == MemoryType::Normal ? mair_index_normal << 2 | leaf::inner_shareable
                                       : mair_index_device << 2 | leaf::outer_shareable;
    switch (access) {
    case HostAccess::ReadOnly:
        return {bits | ap2_read_only | leaf::execute_never};
    case HostAccess::ReadWrite:
        return {bits | leaf::execute_never};
    case HostAccess::ReadExecute:
        return {bits | ap2_read_only};
    case HostAccess::ReadExecuteGuarded:
        return {bits | ap2_read_only | guarded_page};
    }
    return {bits | ap2_read_only | leaf::execute_never};
}

/// Stage 2. MemAttr is the combined form without FEAT_S2FWB; the guest's own attributes can only make it weaker. XN[0]
/// (bit 53) stays 0, which is right with and without FEAT_XNX [Arm ARM D8.4, D8.6].
namespace stage2 {
inline constexpr u64 memory_normal = u64{0xf} << 2; ///< outer and inner write-back
/// Device-nGnRnE: a write is acknowledged by the device, so that a DSB waits for its error, too. Acknowledged on the way
/// (nGnRE), it could fail after the guest that wrote has left its CPU.
inline constexpr u64 memory_device = 0;
inline constexpr u64 memory_mask = u64{0xf} << 2;
inline constexpr u64 readable = u64{1} << 6;
inline constexpr u64 writable = u64{1} << 7;
} // namespace stage2

[[nodiscard]] constexpr LeafAttributes stage2_attributes(MemoryType type, Access access) {
    u64 bits = leaf::access_flag | stage2::readable;
    bits |= type == MemoryType::Normal ? stage2::memory_normal | leaf::inner_shareable
                                       : stage2::memory_device | leaf::outer_shareable;
    bits |= can_write(access) ? stage2::writable : 0;
    bits |= can_execute(access) ? 0 : leaf::execute_never;
    return {bits};
}
[[nodiscard]] constexpr MemoryType stage2_memory_type(LeafAttributes attributes) {
    return (attributes.bits & stage2::memory_mask) == stage2::memory_normal ? MemoryType::Normal : MemoryType::Device;
}
[[nodiscard]] constexpr Access stage2_access(LeafAttributes attributes) {
    const bool write = (attributes.bits & stage2::writable) != 0;
    const bool execute = (attributes.bits & leaf::execute_never) == 0;
    if (execute) {
        return write ? Access::ReadWriteExecute : Access::ReadExecute;
    }
    return write ? Access::ReadWrite : Access::ReadOnly;
}

/// The CPUs' translation limits: the minimum of all CPUs.
struct TranslationLimits {
    unsigned pa_bits = 32;  ///< physical address size, 32 to 48
    unsigned vmid_bits = 8; ///< 8 or 16

    /// From ID_AA64MMFR0_EL1.PARange and ID_AA64MMFR1_EL1.VMIDBits. 52-bit addresses need
    /// another granule or another format, so 48 is the most.
    [[nodiscard]] static constexpr TranslationLimits from_registers(u64 id_aa64mmfr0, u64 id_aa64mmfr1) {
        constexpr unsigned sizes[] = {32, 36, 40, 42, 44, 48};
        const u64 pa_range = id_aa64mmfr0 & 0xf;
        return {pa_range < 6 ? sizes[pa_range] : 48, ((id_aa64mmfr1 >> 4) & 0xf) == 2 ? 16U : 8U};
    }
};

/// PS field of TCR_EL2 and VTCR_EL2 for a physical address size.
[[nodiscard]] constexpr u64 physical_size_field(unsigned pa_bits) {
    constexpr unsigned sizes[] = {32, 36, 40, 42, 44, 48};
    u64 field = 0;
    while (field < 5 && sizes[field + 1] <= pa_bits) {
        ++field;
    }
    return field;
}

/// Shape of a tree of tables.
struct TableGeometry {
    unsigned input_bits;  ///< addresses below 2^input_bits
    unsigned start_level; ///< 0 or 1
    unsigned root_order;  ///< 2^root_order concatenated tables at the start level (stage 2 only)
};

/// 48-bit stage 1: four levels.
inline constexpr TableGeometry host_geometry = {48, 0, 0};

/// Stage 2 with as few levels as the size allows: up to 16 tables can be concatenated at the start level, so up to 43
/// bits need only three levels [Arm ARM D8.2]. Start level 0 is reserved where physical addresses have less than 44
/// bits, which an input that is no larger never needs.
/// @param ipa_bits 32 to 48
/// @return Error::OutOfRange, also if the CPU's physical address space is smaller than the IPA space
[[nodiscard]] constexpr Result<TableGeometry> stage2_geometry(unsigned ipa_bits, unsigned pa_bits) {
    if (ipa_bits < 32 || ipa_bits > 48 || ipa_bits > pa_bits) {
        return fail(Error::OutOfRange);
    }
    constexpr unsigned one_level1_table = 39;
    constexpr unsigned sixteen_level1_tables = 43;
    if (ipa_bits <= one_level1_table) {
        return TableGeometry{ipa_bits, 1, 0};
    }
    if (ipa_bits <= sixteen_level1_tables) {
        return TableGeometry{ipa_bits, 1, ipa_bits - one_level1_table};
    }
    return TableGeometry{ipa_bits, 0, 0};
}

/// Walks through write-back cacheable, inner shareable memory; 4 KiB granule. The fields have the same places in
/// TCR_EL2 and VTCR_EL2.
[[nodiscard]] constexpr u64 walk_control(unsigned input_bits, unsigned pa_bits) {
    constexpr u64 irgn0_write_back = u64{1} << 8;
    constexpr u64 orgn0_write_back = u64{1} << 10;
    constexpr u64 sh0_inner = u64{3} << 12;
    return (64 - u64{input_bits}) | irgn0_write_back | orgn0_write_back | sh0_inner |
           physical_size_field(pa_bits) << 16;
}

/// TCR_EL2, E2H = 0: bits 23 and 31 are RES1 [Arm ARM, TCR_EL2].
[[nodiscard]] constexpr u64 tcr_value(const TableGeometry& geometry, unsigned pa_bits) {
    return walk_control(geometry.input_bits, pa_bits) | u64{1} << 23 | u64{1} << 31;
}

/// VTCR_EL2: bit 31 is RES1; SL0 0b01 starts at level 1, 0b10 at level 0; VS gives 16-bit VMIDs [Arm ARM, VTCR_EL2].
[[nodiscard]] constexpr u64 vtcr_value(const TableGeometry& geometry, const TranslationLimits& limits) {
    const u64 sl0 = u64{2 - geometry.start_level} << 6;
    const u64 vs = limits.vmid_bits == 16 ? u64{1} << 19 : 0;
    return walk_control(geometry.input_bits, limits.pa_bits) | sl0 | vs | u64{1} << 31;
}

/// [Arm ARM, VTTBR_EL2]
[[nodiscard]] constexpr u64 vttbr_value(Pa root, u16 vmid) {
    return root.value | u64{vmid} << 48;
}

} // namespace trv::arch

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::firmware {

/// A range of the machine's memory, in bytes.
struct MemoryRange {
    std::uint64_t base = 0;
    std::uint64_t size = 0;
    bool operator==(const MemoryRange&) const = default;
};

/// Pairs of address-space identifiers: 8 bits for two of them, and 0 is not one [core/arch/arm/mm/core_mmu.c].
inline constexpr unsigned most_address_spaces = 127;

/// OP-TEE's port to a board.
struct OpteePort {
    std::string_view platform; ///< PLATFORM of its makefiles
    /// What else is particular to the board: arguments of make.
    std::span<const std::string_view> settings;
};

inline constexpr std::string_view qemu_settings[]{"CFG_ARM_GICV3=y"};
/// The usual one: QEMU's `virt` with a GICv3.
inline constexpr OpteePort qemu_port{.platform = "vexpress-qemu_armv8a", .settings = qemu_settings};

/// A build of OP-TEE's source with one partition per VM: all that it depends on besides the source.
struct OpteeBuild {
    const OpteePort* port = &qemu_port;
    unsigned vms = 4;                ///< partitions, 1 to 16; 0: without virtualization
    unsigned threads = 2;            ///< per partition
    std::uint64_t heap = 192 * 1024; ///< of the core in each partition, bytes
    unsigned log_level = 3;          ///< 0 (nothing) to 4
    unsigned address_spaces = most_address_spaces;
    bool statistics = true; ///< the statistics pseudo TA
    bool tests = true;      ///< the test pseudo TAs, which xtest needs
    bool debug = false;     ///< assertions, and code that is easier to debug
    bool ftrace = false;    ///< records the function calls of trusted applications; comes with a kit to build them
    MemoryRange memory{};   ///< all of OP-TEE's
    bool is_in_ram = false; ///< its memory is a part of the machine's RAM, not the board's secure memory

    bool operator==(const OpteeBuild&) const = default;

    /// The arguments of make that say so.
    [[nodiscard]] std::vector<std::string> settings() const;
    /// A name for folders: builds with other settings have other names.
    static constexpr std::string_view name_begin = "source-";
    [[nodiscard]] std::string name() const;
};

/// The core's own memory [TEE_RAM_VA_SIZE, generic_ram_layout.h]. Partitions share what follows it.
inline constexpr std::uint64_t optee_core_window = 0x20'0000;
/// The most that a partition's data takes: the core's variables, heap and stacks.
[[nodiscard]] std::uint64_t partition_data(const OpteeBuild& build);
/// What a partition takes besides the memory for its trusted applications [get_ta_ram_size(), virtualization.c].
[[nodiscard]] std::uint64_t partition_overhead(const OpteeBuild& build);

} // namespace trv::tool::firmware

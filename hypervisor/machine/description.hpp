// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine and its VMs as described by the device tree: plain, checked values in the hypervisor's own terms.

#include "contract/machine_tree.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/intid.hpp"
#include "lib/limits.hpp"
#include "lib/types.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace trv::machine {

inline constexpr std::size_t max_ram_banks = 16;
inline constexpr std::size_t max_reserved = 32;
inline constexpr std::size_t max_redistributor_regions = 8;

/// A part of RAM that the hypervisor must not use.
struct ReservedRange {
    PaRange range;
    bool no_map = false; ///< must not even be mapped: a speculative access could fault or corrupt data
};

struct Cpu {
    u64 mpidr = 0;     ///< affinity fields of MPIDR_EL1, other bits 0
    bool psci = false; ///< enable-method is PSCI: CPU_ON starts it
};

struct Psci {
    enum class Method : u8 { Smc, Hvc };
    enum class Version : u8 { V0_2, V1_0 };
    Method method = Method::Smc;
    Version version = Version::V0_2;
};

inline constexpr std::string_view gicv3_compatible = "arm,gic-v3";
/// Of GICv2s with virtualization extensions.
inline constexpr std::array<std::string_view, 2> gicv2_compatibles{"arm,gic-400", "arm,cortex-a15-gic"};

struct InterruptController {
    std::string_view compatible; ///< of the binding that says what the registers are
    /// In the binding's order: of a GICv3 the distributor, then its regions of redistributors, at least one; of a GICv2
    /// the distributor, the CPU interface, the virtual interface's control, and the guests' CPU interface.
    FixedVector<PaRange, 1 + max_redistributor_regions> registers;
    u64 redistributor_stride = 0; ///< GICv3; 0: 128 KiB, or according to GICR_TYPER
    std::optional<u32> maintenance_intid = std::nullopt;
};

struct Timer {
    std::optional<u32> virtual_intid = std::nullopt;
    std::optional<u32> hyp_intid = std::nullopt; ///< EL2 physical
};

/// The CPUs' performance monitors.
struct Pmu {
    u32 intid; ///< a PPI
};

struct Uart {
    std::string_view compatible; ///< the one that has a driver
    PaRange registers;
    std::optional<u32> intid = std::nullopt;
};

struct Rtc {
    PaRange registers; ///< of a PL031
};

struct Optee {
    bool smc = true; ///< its method; hvc would mean a hypervisor below this one
    std::optional<u32> notification_intid = std::nullopt;
    std::optional<PaRange> shared_memory = std::nullopt; ///< reserved-memory node optee_shm@…
};

/// Random data for this start of the machine. It is in the tree until the hypervisor erases it there.
/// [dt-schema, schemas/chosen.yaml]
struct Seed {
    std::span<const u8> rng;   ///< min_rng_seed bytes or more
    std::span<const u8> kaslr; ///< kaslr_seed_size bytes, or none
};
inline constexpr std::size_t min_rng_seed = 32;  ///< enough for a guest's kernel: 256 bits
inline constexpr std::size_t max_rng_seed = 512; ///< further bytes are not used
inline constexpr std::size_t kaslr_seed_size = 8;

using contract::ConsoleMode;
using contract::DeviceSet;
using contract::Io;
using contract::OnCrash;
using contract::OnReboot;

/// A VM's policy and limits for OP-TEE. The lists are in the tree: consecutive UUIDs of 16 bytes, in textual order.
struct Tee : contract::TeeSettings {
    std::span<const u8> allow;
    std::span<const u8> deny;
};

/// An interrupt of a device that belongs to a VM, and the VM's name for it. Both are SPIs.
struct PassedInterrupt {
    IntId physical;
    IntId intid;
};

/// One VM of /chosen/trivisor. Its strings are in the tree.
struct VmDescription : contract::VmSettings {
    unsigned index = 0; ///< its unit address, below max_vms
    std::string_view label;
    u64 memory_size = 0;
    bool pinned = false;                   ///< `cpus` was given
    std::array<unsigned, max_vcpus> cpu{}; ///< physical CPU (index into Machine::cpus) of each vCPU, if pinned
    PaRange kernel;
    std::optional<PaRange> ramdisk = std::nullopt;
    std::string_view bootargs;
    std::optional<Tee> tee; ///< none: the VM gets no OP-TEE
    /// Who may use the manager beside root, if it is the host: the UUID of a group.
    std::optional<std::array<u8, contract::uuid_size>> manager_group = std::nullopt;
    /// Registers of the machine's devices that belong to the VM, in whole pages. It finds them at the same addresses.
    std::span<const PaRange> device_ranges;
    std::span<const PassedInterrupt> device_interrupts; ///< none has the name of another, or of an emulated device's
};

/// The INTID behind the VM's names of its passed interrupts; first_spi if it has none.
[[nodiscard]] constexpr u32 end_of_passed(const VmDescription& vm) {
    u32 end = first_spi;
    for (const PassedInterrupt& each : vm.device_interrupts) {
        end = each.intid.value < end ? end : each.intid.value + 1;
    }
    return end;
}

/// A VM whose node is malformed, and the reason.
struct RefusedVm {
    std::string_view label; ///< its label if it could be read, otherwise its node's name
    std::array<char, 128> text{};
    u8 size = 0;
    [[nodiscard]] std::string_view reason() const { return {text.data(), size}; }
};

struct Machine {
    FixedVector<PaRange, max_ram_banks> ram; ///< in the tree's order, whole pages, not overlapping
    FixedVector<ReservedRange, max_reserved> reserved;
    FixedVector<Cpu, max_cpus> cpus;
    std::optional<Psci> psci = std::nullopt;
    std::optional<InterruptController> gic = std::nullopt;
    Timer timer;
    std::optional<Pmu> pmu = std::nullopt;   ///< none: it has no PPI, and guests do not get one
    std::optional<Uart> uart = std::nullopt; ///< of /chosen/stdout-path, if it has a driver
    std::optional<Rtc> rtc = std::nullopt;   ///< none: VMs do not learn the date
    std::optional<Optee> optee = std::nullopt;
    std::optional<PaRange> initrd = std::nullopt;
    std::optional<Seed> seed = std::nullopt; ///< none: guests get no seeds
    bool configured = false;                 ///< /chosen/trivisor exists
    ConsoleMode console = ConsoleMode::Plain;
    std::optional<u32> trace_bytes = std::nullopt;       ///< trace from boot on; the size of each CPU's ring
    u32 address_spaces = contract::usual_address_spaces; ///< OP-TEE's
    u32 partitions = max_vms;                            ///< OP-TEE's, or more
    FixedVector<VmDescription, max_vms> vms;             ///< in the order of their index
    FixedVector<RefusedVm, max_vms> refused;
};

} // namespace trv::machine

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Builds the device tree for a VM's kernel. Devices and secure services write their nodes themselves.

#include "lib/device_tree/tree_writer.hpp"
#include "lib/result.hpp"
#include "lib/types.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace trv::guest {

/// The instruction with which a guest calls its PSCI and OP-TEE.
enum class Conduit : u8 { Hvc, Smc };

/// Everything that differs from one VM to the next; the rest is guest/layout.hpp. What it refers to must outlive it.
struct TreeInput {
    std::string_view bootargs;
    std::string_view stdout_path = "serial0:115200n8";
    std::span<const IpaRange> ram;
    std::optional<IpaRange> ramdisk = std::nullopt;
    unsigned vcpus = 1;
    std::array<u64, max_vcpus> mpidr{}; ///< affinity fields of each vCPU's MPIDR_EL1, other bits 0
    Conduit psci = Conduit::Hvc;
    bool aarch32 = false;         ///< the kernel is a 32-bit one
    bool pmu = false;             ///< performance monitors with an interrupt
    std::span<const u8> rng_seed; ///< empty for none
};

/// Size of a VM's rng_seed in bytes: enough for Linux to consider its random numbers ready.
/// [Linux, drivers/char/random.c, POOL_READY_BITS]
inline constexpr std::size_t rng_seed_size = 32;

/// Enough for every tree with boot arguments of up to 2 KiB.
inline constexpr std::size_t tree_room = 8 * KiB;

[[nodiscard]] bool is_sound(std::span<u8> buffer, const TreeInput& input);

// Nodes that the host's tree has as well (guest/host_tree.hpp).
void write_chosen(TreeWriter& tree, const TreeInput& input);
void write_cpus(TreeWriter& tree, const TreeInput& input);
void write_psci(TreeWriter& tree, const TreeInput& input);
void write_pmu(TreeWriter& tree, const TreeInput& input);
/// The property `interrupts` of a timer.
void write_timer_interrupts(TreeWriter& tree);

/// Opens the root, and writes what comes before the devices. Precondition: is_sound()
void begin_tree(TreeWriter& tree, const TreeInput& input);
/// Closes the root. @return as build_tree()
[[nodiscard]] Result<std::size_t> end_tree(TreeWriter& tree);

/// @param buffer     aligned to 8 bytes
/// @param write_rest writes the nodes of the VM's devices and secure services into a TreeWriter&
/// @return           the tree's size; Error::NoMemory if the buffer is too small, Error::Invalid for invalid input
template <typename WriteRest>
[[nodiscard]] Result<std::size_t> build_tree(std::span<u8> buffer, const TreeInput& input, WriteRest write_rest) {
    if (!is_sound(buffer, input)) {
        return fail(Error::Invalid);
    }
    TreeWriter tree(buffer);
    begin_tree(tree, input);
    write_rest(tree);
    return end_tree(tree);
}

} // namespace trv::guest

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/firmware/optee.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/platform/emulator.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::platform {

/// Where RAM is, how much of it is possible, and where the firmware expects what it enters.
struct MemoryMap {
    std::uint64_t ram_base;
    std::uint64_t image_address;
    std::uint64_t least; // bytes
    std::uint64_t most;
};

/// A model of a CPU that a board can have.
struct CpuModel {
    std::string_view name;           // QEMU's
    std::string_view short_name{};   // also accepted; empty: none
    bool runs_32_bit_kernels = true; // it has AArch32 at EL1, not for applications only
    bool operator==(const CpuModel&) const = default;
};

/// An emulated machine's size, where in its RAM OP-TEE is, and whether it is the same at each start.
struct Shape {
    std::vector<std::string> emulator{qemu}; // the words that start it
    std::string_view cpu{};                  // a name of Platform::cpu_models; empty: the first
    unsigned cpus = 1;
    std::uint64_t memory = 0; // bytes
    bool repeatable = false;
    firmware::MemoryRange optee{}; // of a build of its source
};

/// The bus of a disk, in the order of disk_bus_words.
enum class DiskBus : std::uint8_t { VirtioPci, Nvme, VirtioMmio };
inline constexpr std::array<std::string_view, 3> disk_bus_words{"virtio-pci", "nvme", "virtio-mmio"};

/// What a network card leads to, in the order of network_words.
enum class Network : std::uint8_t { None, User };
inline constexpr std::array<std::string_view, 2> network_words{"none", "user"};

struct Disk {
    std::filesystem::path file{};
    DiskBus bus = DiskBus::VirtioPci;
    bool raw = true; // the disk's bytes as they are; otherwise qcow2
};

/// What is plugged into a machine.
struct Peripherals {
    std::vector<Disk> disks{};
    Network network = Network::None;
};

/// Where OP-TEE can be.
struct OpteeMemory {
    firmware::MemoryRange secure; // the board's secure memory that the firmware leaves
    firmware::MemoryRange ram;    // the part of RAM that the firmware can take from the normal world instead
};

/// What the build of a board's firmware gets.
struct FirmwareBuild {
    const packages::PackageStore& store;
    const firmware::Optee& optee;
    std::filesystem::path optee_folder; // of a build of its source
    std::filesystem::path tf_a;         // its source
    std::filesystem::path sources;      // the board's own folder here, if it has one
    std::filesystem::path work;         // a folder that is removed afterwards
    std::filesystem::path log;
    std::filesystem::path folder; // for the result
};

/// A board's firmware: TF-A with an OP-TEE.
struct Firmware {
    unsigned most_cpus; // for which its OP-TEE has stacks
    const firmware::OpteePort* optee_port;
    bool has_debian_optee; // a build that Debian has; otherwise OP-TEE is always built from source
    OpteeMemory optee_memory;
    std::vector<packages::PackageId> (*packages)(); // that it needs besides TF-A's source
    /// All that the result depends on besides packages and the compiler; a line each.
    std::vector<std::string> (*settings)(const firmware::Optee& optee);
    std::span<const std::string_view> files;           // of the result
    Result<void> (*build)(const FirmwareBuild& build); // makes these
};

/// A board that QEMU emulates, with all in which it differs from others. Each has a file, which platform.cpp lists.
struct Platform {
    std::string_view name;   // in machine descriptions
    unsigned gic_version;    // 2 or 3
    std::string_view config; // configuration of the image that it needs, in configs/; empty: the one in force
    std::span<const CpuModel> cpu_models; // the first is the usual one
    bool powers_off = true; // its firmware can end QEMU; otherwise the tool does after the hypervisor's last event
    MemoryMap memory;
    Firmware firmware;

    /// QEMU's arguments for the machine and its CPUs.
    std::vector<std::string> (*board)(const Shape& shape);

    /// QEMU's arguments for what runs first.
    /// @param firmware     the folder of the firmware
    /// @param device_tree  the file with the tree that the firmware passes on
    std::vector<std::string> (*boot)(const std::filesystem::path& firmware, const std::filesystem::path& device_tree);

    /// QEMU's arguments for what is plugged into it; null: nothing can be.
    std::vector<std::string> (*peripherals)(const Peripherals& peripherals);

    /// The device tree that describes the machine.
    /// @param folder  a folder for temporary files
    Result<std::string> (*hardware_tree)(const Shape& shape, const std::filesystem::path& folder);
};

extern const Platform qemu_virt; ///< also the one of a machine description that names none
extern const Platform qemu_virt_gicv2;
extern const Platform zcu102;

/// The names of all, for messages. Their indices are those of by_index().
[[nodiscard]] std::vector<std::string_view> names();
[[nodiscard]] const Platform& by_index(std::size_t index);

/// Where the files of a board's firmware are, as `run_setup` leaves them.
[[nodiscard]] std::filesystem::path firmware_folder(const Paths& paths, const Platform& platform,
                                                    const firmware::Optee& optee);

/// All inputs of that firmware besides those of OP-TEE's own build.
[[nodiscard]] Result<std::string> firmware_inputs(const Paths& paths, const packages::PackageStore& store,
                                                  const Platform& platform, const firmware::Optee& optee);

[[nodiscard]] Result<void> build_firmware(const Paths& paths, const packages::PackageStore& store,
                                          const Platform& platform, const firmware::Optee& optee);

} // namespace trv::tool::platform

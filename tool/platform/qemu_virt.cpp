// SPDX-License-Identifier: Apache-2.0
// QEMU's board `virt`, with a GICv3 or a GICv2. Its firmware is TF-A's port for it, started from flash, with OP-TEE as it is
// built here, or, with a GICv3, as Debian builds it. QEMU makes the device tree; the firmware passes it on.
#include "tool/firmware/flash_image.hpp"
#include "tool/firmware/tf_a.hpp"
#include "tool/platform/qemu_arguments.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <array>

namespace trv::tool::platform {
namespace {

using firmware::DebianOptee;

constexpr MemoryMap memory{.ram_base = 0x4000'0000,
                           .image_address = 0x6000'0000,
                           .least = 1024 * mib, // firmware and hypervisor are in the first 512 MiB and just above
                           .most = 64 * 1024 * mib};

constexpr std::uint64_t device_tree_address = memory.ram_base; // where -dtb puts it
constexpr unsigned optee_cpus = 4;                             // OP-TEE's port has per-CPU stacks for these

/// Of the 16 MiB of secure memory TF-A keeps the first. In RAM, OP-TEE's shared memory ends below, and the image that
/// the firmware enters is above.
constexpr OpteeMemory optee_memory{.secure = {.base = 0x0e10'0000, .size = 15 * mib},
                                   .ram = {.base = 0x4400'0000, .size = memory.image_address - 0x4400'0000}};

/// Where TF-A's port looks for the firmware image package, and the size of the first bank.
constexpr firmware::FlashLayout flash{.fip_offset = 0x40000, .size = 64 * mib};
constexpr std::array<std::string_view, 1> files{"flash.bin"};

/// Those that TF-A's port knows.
constexpr std::array cpu_models{
    CpuModel{"cortex-a57", "a57"},
    CpuModel{"cortex-a53", "a53"},
    CpuModel{"cortex-a72", "a72"},
    CpuModel{.name = "cortex-a76", .short_name = "a76", .runs_32_bit_kernels = false},
    CpuModel{.name = "neoverse-n1", .short_name = "n1", .runs_32_bit_kernels = false},
    CpuModel{"max"},
};

constexpr std::string_view gicv2_settings[]{"CFG_ARM_GICV3=n"};
constexpr firmware::OpteePort gicv2_port{.platform = firmware::qemu_port.platform, .settings = gicv2_settings};

std::vector<packages::PackageId> no_packages() {
    return {};
}

std::vector<packages::PackageId> optee_packages() {
    return {{.suite = "trixie", .name = "optee-os"}};
}

/// TF-A's port has no setting for where BL2 puts OP-TEE, and its header includes itself half-way.
std::string moved_secure_memory(const firmware::MemoryRange& range) {
    return fmt::format("#ifndef TRIVISOR_PLATFORM_DEF_H\n#define TRIVISOR_PLATFORM_DEF_H\n"
                       "#include_next <platform_def.h>\n#undef SEC_DRAM_BASE\n#define SEC_DRAM_BASE {:#x}\n"
                       "#undef SEC_DRAM_SIZE\n#define SEC_DRAM_SIZE {:#x}\n#endif\n",
                       range.base, range.size);
}

/// A header that comes before TF-A's own; empty: none.
std::string own_header(const firmware::Optee& optee) {
    const firmware::OpteeBuild* build = firmware::source_build(optee);
    return build != nullptr && build->is_in_ram ? moved_secure_memory(build->memory) : "";
}

template <unsigned gic>
std::vector<std::string> tf_a_settings() {
    return {
        "PLAT=qemu", "SPD=opteed", "BL32_RAM_LOCATION=tdram", fmt::format("QEMU_USE_GIC_DRIVER=QEMU_GICV{}", gic),
        // On CPUs with SVE, TF-A would trap OP-TEE's use of FP registers otherwise, and stop the machine. VMs have no SVE.
        "ENABLE_SVE_FOR_NS=0", "ENABLE_SME_FOR_NS=0",
        "ARM_LINUX_KERNEL_AS_BL33=1", // passes a device tree in x0, as to a Linux kernel
        fmt::format("ARM_PRELOADED_DTB_BASE={:#x}", device_tree_address),
        fmt::format("PRELOADED_BL33_BASE={:#x}", memory.image_address)};
}

template <unsigned gic>
std::vector<std::string> all_settings(const firmware::Optee& optee) {
    std::vector<std::string> all = tf_a_settings<gic>();
    all.push_back(own_header(optee));
    return all;
}

/// Where OP-TEE's images are: in Debian's package, or where they were built.
std::filesystem::path optee_images(const FirmwareBuild& build) {
    if (firmware::source_build(build.optee) != nullptr) {
        return build.optee_folder;
    }
    const bool virtualized = std::get<DebianOptee>(build.optee) == DebianOptee::Virtualized;
    return build.store.tree(optee_packages().front()) / "usr/lib/optee" /
           (virtualized ? "vexpress-qemu_armv8a-virtualized" : "vexpress-qemu_armv8a");
}

template <unsigned gic>
Result<void> build_flash(const FirmwareBuild& build) {
    const std::filesystem::path optee = optee_images(build);
    const std::filesystem::path settings = build.work / "settings";
    firmware::Variables variables;
    if (const std::string header = own_header(build.optee); !header.empty()) {
        // TF-A's makefile adds its own folders behind these.
        variables.emplace_back("INCLUDES", "-I" + settings.string());
        TRY(write_file(settings / "platform_def.h", header));
    }
    std::vector<std::string> arguments = tf_a_settings<gic>();
    arguments.insert(arguments.end(), {"BL32=" + (optee / "tee-header_v2.bin").string(),
                                       "BL32_EXTRA1=" + (optee / "tee-pager_v2.bin").string(),
                                       "BL32_EXTRA2=" + (optee / "tee-pageable_v2.bin").string(), "all", "fip"});
    TRY(firmware::make_tf_a(build.tf_a, build.work, build.log, std::move(arguments), std::move(variables)));
    const std::filesystem::path images = build.work / "qemu" / "release";
    return write_file(
        build.folder / files.front(),
        TRY(firmware::compose_flash(flash, TRY(read_file(images / "bl1.bin")), TRY(read_file(images / "fip.bin")))));
}

/// acpi=off is needed for the dump as well as for the run: with ACPI the two trees differ in their power-button device.
template <unsigned gic>
std::vector<std::string> board(const Shape& shape) {
    return {"-M",
            fmt::format("virt,secure=on,virtualization=on,gic-version={},acpi=off{}", gic,
                        shape.repeatable ? ",dtb-randomness=off" : ""),
            "-cpu", std::string{shape.cpu.empty() ? cpu_models.front().name : shape.cpu}};
}

std::vector<std::string> boot(const std::filesystem::path& firmware, const std::filesystem::path& device_tree) {
    return {"-bios", (firmware / files.front()).string(), "-dtb", device_tree.string()};
}

template <const Platform& platform>
Result<std::string> hardware_tree(const Shape& shape, const std::filesystem::path& folder) {
    const auto file = folder / "hardware.dtb";
    TRY(run_checked("device tree of the machine",
                    {.arguments = dump_command_line(platform, shape, file), .log = folder / "qemu.log"}));
    return read_file(file);
}

} // namespace

constinit const Platform qemu_virt{.name = "qemu-virt",
                                   .gic_version = 3,
                                   .config = "",
                                   .cpu_models = cpu_models,
                                   .memory = memory,
                                   .firmware = {.most_cpus = optee_cpus,
                                                .optee_port = &firmware::qemu_port,
                                                .has_debian_optee = true,
                                                .optee_memory = optee_memory,
                                                .packages = optee_packages,
                                                .settings = all_settings<3>,
                                                .files = files,
                                                .build = build_flash<3>},
                                   .board = board<3>,
                                   .boot = boot,
                                   .peripherals = peripheral_arguments,
                                   .hardware_tree = hardware_tree<qemu_virt>};

constinit const Platform qemu_virt_gicv2{.name = "qemu-virt-gicv2",
                                         .gic_version = 2,
                                         .config = "gicv2",
                                         .cpu_models = cpu_models,
                                         .memory = memory,
                                         .firmware = {.most_cpus = optee_cpus,
                                                      .optee_port = &gicv2_port,
                                                      .has_debian_optee = false,
                                                      .optee_memory = optee_memory,
                                                      .packages = no_packages,
                                                      .settings = all_settings<2>,
                                                      .files = files,
                                                      .build = build_flash<2>},
                                         .board = board<2>,
                                         .boot = boot,
                                         .peripherals = peripheral_arguments,
                                         .hardware_tree = hardware_tree<qemu_virt_gicv2>};

} // namespace trv::tool::platform

// SPDX-License-Identifier: Apache-2.0
// AMD's ZCU102 as QEMU models it: a ZynqMP with Cortex-A53s, a GIC-400 and Cadence UARTs, RAM from 0 on. Its firmware is TF-A's
// port for it, with parts of ours for what the model lacks (zcu102/), and OP-TEE built here. It has no secure memory: in the
// model, RAM is open to both worlds. The device tree is made here; no firmware changes it.
#include "tool/firmware/tf_a.hpp"
#include "tool/platform/qemu_arguments.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <random>

namespace trv::tool::platform {
namespace {

constexpr MemoryMap memory{.ram_base = 0,
                           .image_address = 0x1000'0000,
                           .least = 2048 * mib, // OP-TEE is just below the end
                           .most = 2048 * mib}; // more of it is at 32 GiB

constexpr std::uint64_t device_tree_address = 0x0010'0000;
constexpr std::uint64_t start_address = 0x0800'0000; // TF-A enters the normal world there
constexpr unsigned most_cpus = 4;
constexpr std::array cpu_models{CpuModel{"cortex-a53", "a53"}};

constexpr firmware::MemoryRange optee_range{.base = 0x6000'0000, .size = 256 * mib};
constexpr firmware::MemoryRange shared_range{.base = 0x7000'0000, .size = 2 * mib};
constexpr OpteeMemory optee_memory{.secure = optee_range, .ram = optee_range};

/// The second UART is the secure world's.
constexpr std::string_view optee_settings[]{
    "CFG_UART_BASE=UART1_BASE", "CFG_UART_IT=IT_UART1",       "CFG_UART_CLK_HZ=UART1_CLK_IN_HZ",
    "CFG_DDR_SIZE=0x80000000",  "CFG_SHMEM_START=0x70000000", "CFG_SHMEM_SIZE=0x200000",
};
static_assert(shared_range.base == 0x7000'0000 && shared_range.size == 0x20'0000);
constexpr firmware::OpteePort optee_port{.platform = "zynqmp-zcu102", .settings = optee_settings};

constexpr std::array<std::string_view, 3> files{"bl31.elf", "tee.bin", "start.bin"};

std::vector<packages::PackageId> no_packages() {
    return {};
}

std::vector<std::string> tf_a_settings() {
    return {"PLAT=zynqmp", "RESET_TO_BL31=1", "SPD=opteed", fmt::format("ZYNQMP_BL32_MEM_BASE={:#x}", optee_range.base),
            fmt::format("ZYNQMP_BL32_MEM_SIZE={:#x}", optee_range.size)};
}

/// TF-A enters the normal world without arguments: this passes on the device tree. A64, little-endian.
constexpr std::array<std::uint32_t, 6> start_code{
    0xd2a0'0200, // mov x0, #0x100000
    0xd280'0001, // mov x1, #0
    0xd280'0002, // mov x2, #0
    0xd280'0003, // mov x3, #0
    0xd2a2'0004, // mov x4, #0x10000000
    0xd61f'0080, // br x4
};
static_assert(device_tree_address == 0x10'0000 && memory.image_address == 0x1000'0000);

std::string start_image() {
    std::string bytes;
    for (const std::uint32_t instruction : start_code) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            bytes += static_cast<char>(instruction >> shift & 0xff);
        }
    }
    return bytes;
}

std::vector<std::string> all_settings(const firmware::Optee&) {
    std::vector<std::string> all = tf_a_settings();
    all.push_back(fmt::format("start {:08x}", fmt::join(start_code, " ")));
    return all;
}

Result<void> build_images(const FirmwareBuild& build) {
    std::vector<std::string> arguments = tf_a_settings();
    arguments.push_back("CUSTOM_PKG_PATH=" + build.sources.string());
    arguments.emplace_back("bl31");
    TRY(firmware::make_tf_a(build.tf_a, build.work, build.log, std::move(arguments)));
    TRY(write_file(build.folder / files[0], TRY(read_file(build.work / "zynqmp/release/bl31/bl31.elf"))));
    // Without a pager this is all of OP-TEE, as it lies in memory.
    TRY(write_file(build.folder / files[1], TRY(read_file(build.optee_folder / "tee-pager_v2.bin"))));
    return write_file(build.folder / files[2], start_image());
}

std::vector<std::string> board(const Shape&) {
    return {"-M", "xlnx-zcu102,secure=on,virtualization=on"};
}

std::vector<std::string> boot(const std::filesystem::path& firmware, const std::filesystem::path& device_tree) {
    return {"-device", fmt::format("loader,file={},cpu-num=0", escaped(firmware / files[0])),
            "-device", loader(firmware / files[1], optee_range.base),
            "-device", loader(firmware / files[2], start_address),
            "-device", loader(device_tree, device_tree_address)};
}

/// As the tree of a board has it; a machine that is to repeat itself gets one later.
std::string random_seed(const Shape& shape) {
    if (shape.repeatable) {
        return "";
    }
    constexpr unsigned words = 16;
    std::random_device random;
    std::string cells;
    for (unsigned i = 0; i < words; ++i) {
        cells += fmt::format(" {:#x}", random());
    }
    return fmt::format("rng-seed = <{}>;", cells);
}

std::string cpu_nodes(unsigned cpus) {
    std::string nodes;
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        nodes += fmt::format(R"(cpu@{0} {{ device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <{0}>;
            enable-method = "psci"; }};)",
                             cpu);
    }
    return nodes;
}

/// Each of the GIC's pages fills 64 KiB. [Linux, arch/arm64/boot/dts/xilinx/zynqmp.dtsi]
constexpr std::string_view devices = R"(
    clk: clock { compatible = "fixed-clock"; #clock-cells = <0>; clock-frequency = <100000000>; };
    axi { compatible = "simple-bus"; #address-cells = <2>; #size-cells = <2>; ranges;
        gic: interrupt-controller@f9010000 { compatible = "arm,gic-400"; #interrupt-cells = <3>;
            interrupt-controller; interrupts = <1 9 0xf04>;
            reg = <0 0xf9010000 0 0x10000 0 0xf9020000 0 0x20000 0 0xf9040000 0 0x20000 0 0xf9060000 0 0x20000>; };
        serial@ff000000 { compatible = "xlnx,zynqmp-uart", "cdns,uart-r1p12"; reg = <0 0xff000000 0 0x1000>;
            interrupts = <0 21 4>; clocks = <&clk &clk>; clock-names = "uart_clk", "pclk"; };
        serial@ff010000 { compatible = "xlnx,zynqmp-uart", "cdns,uart-r1p12"; reg = <0 0xff010000 0 0x1000>;
            interrupts = <0 22 4>; clocks = <&clk &clk>; clock-names = "uart_clk", "pclk";
            status = "disabled"; secure-status = "okay"; };
    };)";

std::string tree_source(const Shape& shape) {
    return fmt::format(
        R"(/dts-v1/;
/ {{
    compatible = "xlnx,zynqmp-zcu102", "xlnx,zynqmp"; model = "ZynqMP ZCU102";
    #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
    chosen {{ stdout-path = "/axi/serial@ff000000:115200n8"; {seed} }};
    memory@0 {{ device_type = "memory"; reg = <0 0 {memory_high:#x} {memory_low:#x}>; }};
    reserved-memory {{ #address-cells = <2>; #size-cells = <2>; ranges;
        tf-a@0 {{ reg = <0 0 0 0x80000>; no-map; }};
        optee_core@{core:x} {{ reg = <0 {core:#x} 0 {core_size:#x}>; no-map; }};
        optee_shm@{shared:x} {{ reg = <0 {shared:#x} 0 {shared_size:#x}>; no-map; }};
    }};
    cpus {{ #address-cells = <1>; #size-cells = <0>; {cpus} }};
    psci {{ compatible = "arm,psci-1.0", "arm,psci-0.2"; method = "smc"; }};
    firmware {{ optee {{ compatible = "linaro,optee-tz"; method = "smc"; }}; }};
    timer {{ compatible = "arm,armv8-timer"; interrupts = <1 13 0xf08 1 14 0xf08 1 11 0xf08 1 10 0xf08>; }};
    {devices}
}};
)",
        fmt::arg("seed", random_seed(shape)), fmt::arg("memory_high", shape.memory >> 32),
        fmt::arg("memory_low", shape.memory & 0xffff'ffff), fmt::arg("core", shape.optee.base),
        fmt::arg("core_size", shape.optee.size), fmt::arg("shared", shared_range.base),
        fmt::arg("shared_size", shared_range.size), fmt::arg("cpus", cpu_nodes(shape.cpus)),
        fmt::arg("devices", devices));
}

Result<std::string> hardware_tree(const Shape& shape, const std::filesystem::path& folder) {
    const auto source = folder / "hardware.dts";
    const auto tree = folder / "hardware.dtb";
    TRY(write_file(source, tree_source(shape)));
    TRY(run_checked("device tree of the machine",
                    {.arguments = {"dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree.string(), source.string()},
                     .log = folder / "dtc.log"}));
    return read_file(tree);
}

} // namespace

constinit const Platform zcu102{.name = "zcu102",
                                .gic_version = 2,
                                .config = "zcu102",
                                .cpu_models = cpu_models,
                                .powers_off = false,
                                .memory = memory,
                                .firmware = {.most_cpus = most_cpus,
                                             .optee_port = &optee_port,
                                             .has_debian_optee = false,
                                             .optee_memory = optee_memory,
                                             .packages = no_packages,
                                             .settings = all_settings,
                                             .files = files,
                                             .build = build_images},
                                .board = board,
                                .boot = boot,
                                .peripherals = nullptr,
                                .hardware_tree = hardware_tree};

} // namespace trv::tool::platform

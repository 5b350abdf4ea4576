// SPDX-License-Identifier: Apache-2.0
#include "guest/tree.hpp"

#include "generated/option/aarch32.hpp"
#include "generated/option/pmu.hpp"
#include "guest/layout.hpp"
#include "lib/intid.hpp"
#include "vdev/bindings.hpp"

namespace trv::guest {
namespace {

/// Linux derives the baud rate from it, which has no effect here; 24 MHz is common on boards.
constexpr u32 uart_clock_hz = 24'000'000;

using namespace vdev; // bindings.hpp

void write_timer(TreeWriter& tree) {
    tree.begin("timer");
    tree.text("compatible", "arm,armv8-timer");
    write_timer_interrupts(tree);
    tree.flag("always-on");
    tree.end();
}

void write_memory(TreeWriter& tree, IpaRange range) {
    tree.begin_at("memory", range.base.value);
    tree.text("device_type", "memory");
    tree.numbers("reg", {range.base.value, range.size});
    tree.end();
}

void write_clock(TreeWriter& tree) {
    tree.begin("uart-clock");
    tree.text("compatible", "fixed-clock");
    tree.cells("#clock-cells", {0});
    tree.cells("clock-frequency", {uart_clock_hz});
    tree.text("clock-output-names", "uart-clock");
    tree.cells("phandle", {clock_phandle});
    tree.end();
}

void write_root_properties(TreeWriter& tree) {
    // Kernels and installers use the second name for a machine that is described by its tree alone.
    tree.texts("compatible", "trivisor,vm\0linux,dummy-virt");
    tree.text("model", "Trivisor virtual machine");
    tree.cells("#address-cells", {2});
    tree.cells("#size-cells", {2});
    tree.cells("interrupt-parent", {gic_phandle});
}

} // namespace

void write_chosen(TreeWriter& tree, const TreeInput& input) {
    tree.begin("chosen");
    if (!input.bootargs.empty()) {
        tree.text("bootargs", input.bootargs);
    }
    if (!input.stdout_path.empty()) {
        tree.text("stdout-path", input.stdout_path);
    }
    if (input.ramdisk) {
        tree.numbers("linux,initrd-start", {input.ramdisk->base.value});
        tree.numbers("linux,initrd-end", {input.ramdisk->end().value});
    }
    if (!input.rng_seed.empty()) {
        tree.bytes("rng-seed", input.rng_seed);
    }
    tree.end();
}

void write_cpus(TreeWriter& tree, const TreeInput& input) {
    tree.begin("cpus");
    // Two cells, so that affinity 3 has a place, which AArch32 lacks. [Linux, Documentation/devicetree/bindings/arm/cpus.yaml]
    const bool narrow = option::aarch32 && input.aarch32;
    tree.cells("#address-cells", {narrow ? 1U : 2U});
    tree.cells("#size-cells", {0});
    for (unsigned i = 0; i < input.vcpus; ++i) {
        tree.begin_at("cpu", input.mpidr[i]);
        tree.text("device_type", "cpu");
        tree.text("compatible", "arm,armv8");
        if (narrow) {
            tree.cells("reg", {static_cast<u32>(input.mpidr[i])});
        } else {
            tree.numbers("reg", {input.mpidr[i]});
        }
        tree.text("enable-method", "psci");
        tree.end();
    }
    tree.end();
}

void write_psci(TreeWriter& tree, const TreeInput& input) {
    tree.begin("psci");
    tree.texts("compatible", "arm,psci-1.0\0arm,psci-0.2");
    tree.text("method", input.psci == Conduit::Hvc ? "hvc" : "smc");
    tree.end();
}

void write_pmu(TreeWriter& tree, const TreeInput& input) {
    if (!option::pmu || !input.pmu) {
        return;
    }
    tree.begin("pmu");
    tree.text("compatible", "arm,armv8-pmuv3");
    tree.cells("interrupts", {gic_ppi, pmu_intid - first_ppi, level_high});
    tree.end();
}

void write_timer_interrupts(TreeWriter& tree) {
    tree.cells("interrupts", {gic_ppi, timer_secure_intid - first_ppi, level_low,   //
                              gic_ppi, timer_physical_intid - first_ppi, level_low, //
                              gic_ppi, timer_virtual_intid - first_ppi, level_low,  //
                              gic_ppi, timer_hyp_intid - first_ppi, level_low});
}

bool is_sound(std::span<u8> buffer, const TreeInput& input) {
    constexpr std::size_t longest_text = 64 * KiB;
    return reinterpret_cast<std::uintptr_t>(buffer.data()) % 8 == 0 && input.vcpus >= 1 && input.vcpus <= max_vcpus &&
           !input.ram.empty() && input.bootargs.size() <= longest_text && input.rng_seed.size() <= longest_text;
}

void begin_tree(TreeWriter& tree, const TreeInput& input) {
    tree.begin("");
    write_root_properties(tree);
    write_chosen(tree, input);

    tree.begin("aliases");
    static_assert(console_base.value == 0x900'0000 && agent_base.value == 0x900'1000);
    tree.text("serial0", "/serial@9000000");
    tree.text("serial1", "/serial@9001000");
    tree.end();

    for (const IpaRange& range : input.ram) {
        write_memory(tree, range);
    }

    write_cpus(tree, input);
    write_psci(tree, input);
    write_pmu(tree, input);
    write_timer(tree);
    write_clock(tree);
}

Result<std::size_t> end_tree(TreeWriter& tree) {
    tree.end();
    return tree.finish();
}

} // namespace trv::guest

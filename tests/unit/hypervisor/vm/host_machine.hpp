// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine with a host VM.

#include "../dts.hpp"
#include "drivers/uart.hpp"
#include "machine/parse.hpp"
#include "vm/host/host.hpp"
#include "vm_machine.hpp"

namespace trv::vm {
inline constexpr const char* machine_text = R"(/ { #address-cells = <2>; #size-cells = <2>; interrupt-parent = <1>;
    memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x8000000>; };
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "psci"; compatible = "arm,armv8"; };
        cpu@1 { device_type = "cpu"; reg = <1>; enable-method = "psci"; compatible = "arm,armv8"; }; };
    psci { compatible = "arm,psci-1.0"; method = "smc"; };
    intc@8000000 { compatible = "arm,gic-v3"; phandle = <1>; #interrupt-cells = <3>; interrupt-controller;
        reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0x100000>; };
    timer { compatible = "arm,armv8-timer"; interrupts = <1 13 4 1 14 4 1 11 4 1 10 4>; };
    serial@9000000 { compatible = "arm,pl011"; reg = <0 0x9000000 0 0x1000>; interrupts = <0 1 4>; };
    disk@a000000 { compatible = "virtio,mmio"; reg = <0 0xa000000 0 0x200>; interrupts = <0 16 1>; };
    window@100000000 { compatible = "a,window"; reg = <1 0 1 0>; };
    chosen { stdout-path = "/serial@9000000"; trivisor { compatible = "trivisor,machine-v1"; }; }; };)";

class HostVmTest : public VmTest {
  public:
    static constexpr PaRange bank{ram_range.base, 48 * MiB};

    HostVmTest() : VmTest(bank) {
        machine::Problems problems;
        EXPECT_TRUE(machine::parse(tree, drivers::uart_compatibles(), *machine, problems));
        machine::VmDescription description;
        description.label = "host";
        description.memory_size = bank.size;
        description.vcpus = 2;
        description.kernel = kernel_file;
        description.devices = machine::DeviceSet::All;
        EXPECT_TRUE(machine->vms.push_back(description));
        planned.emplace(tree, *machine, machine->vms[0]);
        planned->plan();
        const memory::TakenRange taken{modules, memory::FrameOwner::Modules};
        planned->choose_memory({std::span(&ram_range, 1), std::span(&taken, 1)});
        planned->describe_devices(gic.interrupts());
        EXPECT_EQ(planned->problem(), "");
        EXPECT_EQ(planned->memory()[0], bank);
        host = &*planned;
        descriptions.push_back(machine->vms[0]);
    }
    test::Dts dts{machine_text};
    DeviceTree tree = dts.tree();
    std::unique_ptr<machine::Machine> machine = std::make_unique<machine::Machine>();
    std::optional<Host> planned;
};

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What QEMU 7.2 says of `-M virt,secure=on,virtualization=on,gic-version=3,acpi=off -smp 2 -m 2048`, shortened to what
// matters, with the nodes that TF-A and OP-TEE add at boot (psci, optee, reserved-memory).

#include <string>

namespace trv::test {

/// The nodes that are the same whatever the machine's memory and PCI devices are.
inline constexpr const char* qemu_virt_board = R"(
    pl011@9040000 {
        secure-status = "okay";
        status = "disabled";
        clock-names = "uartclk", "apb_pclk";
        clocks = <0x8000 0x8000>;
        interrupts = <0 8 4>;
        reg = <0 0x9040000 0 0x1000>;
        compatible = "arm,pl011", "arm,primecell";
    };
    secram@e000000 {
        secure-status = "okay";
        status = "disabled";
        reg = <0 0xe000000 0 0x1000000>;
        device_type = "memory";
    };
    pl011@9000000 {
        clock-names = "uartclk", "apb_pclk";
        clocks = <0x8000 0x8000>;
        interrupts = <0 1 4>;
        reg = <0 0x9000000 0 0x1000>;
        compatible = "arm,pl011", "arm,primecell";
    };
    intc@8000000 {
        phandle = <0x8003>;
        interrupts = <1 9 4>;
        reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0xf60000>;
        #redistributor-regions = <1>;
        compatible = "arm,gic-v3";
        ranges;
        #size-cells = <2>;
        #address-cells = <2>;
        interrupt-controller;
        #interrupt-cells = <3>;
        its@8080000 {
            phandle = <0x8004>;
            reg = <0 0x8080000 0 0x20000>;
            #msi-cells = <1>;
            msi-controller;
            compatible = "arm,gic-v3-its";
        };
    };
    cpus {
        #size-cells = <0>;
        #address-cells = <1>;
        cpu-map {
            socket0 {
                cluster0 {
                    core0 {
                        cpu = <0x8002>;
                    };
                };
            };
        };
        cpu@0 {
            phandle = <0x8002>;
            reg = <0>;
            enable-method = "psci";
            compatible = "arm,cortex-a57";
            device_type = "cpu";
        };
        cpu@1 {
            phandle = <0x8001>;
            reg = <1>;
            enable-method = "psci";
            compatible = "arm,cortex-a57";
            device_type = "cpu";
        };
    };
    pmu {
        interrupts = <1 7 4>;
        compatible = "arm,armv8-pmuv3";
    };
    timer {
        interrupts = <1 13 4 1 14 4 1 11 4 1 10 4>;
        always-on;
        compatible = "arm,armv8-timer", "arm,armv7-timer";
    };
    psci {
        method = "smc";
        compatible = "arm,psci-1.0", "arm,psci-0.2", "arm,psci";
    };
    reserved-memory {
        #address-cells = <2>;
        #size-cells = <2>;
        ranges;
        optee_shm@42000000 {
            reg = <0 0x42000000 0 0x200000>;
        };
        optee_core@e100000 {
            reg = <0 0xe100000 0 0xf00000>;
            no-map;
        };
    };
    firmware {
        optee {
            compatible = "linaro,optee-tz";
            method = "smc";
            interrupts = <0 187 1>;
        };
    };
)";

inline const std::string qemu_virt_hardware = std::string(R"(
    interrupt-parent = <0x8003>;
    model = "linux,dummy-virt";
    #size-cells = <2>;
    #address-cells = <2>;
    compatible = "linux,dummy-virt";

    memory@40000000 {
        reg = <0 0x40000000 0 0x80000000>;
        device_type = "memory";
    };
    platform-bus@c000000 {
        interrupt-parent = <0x8003>;
        ranges = <0 0 0xc000000 0x2000000>;
        #address-cells = <1>;
        #size-cells = <1>;
        compatible = "qemu,platform", "simple-bus";
    };
    pcie@10000000 {
        #interrupt-cells = <1>;
        ranges = <0x1000000 0 0 0 0x3eff0000 0 0x10000 0x2000000 0 0x10000000 0 0x10000000 0 0x2eff0000>;
        reg = <0x40 0x10000000 0 0x10000000>;
        #size-cells = <2>;
        #address-cells = <3>;
        device_type = "pci";
        compatible = "pci-host-ecam-generic";
    };)") + qemu_virt_board;

} // namespace trv::test

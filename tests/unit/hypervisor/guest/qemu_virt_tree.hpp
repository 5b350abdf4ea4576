// SPDX-License-Identifier: Apache-2.0
#pragma once
// The device tree of QEMU 7.2's `-M virt,secure=on,virtualization=on,gic-version=3,acpi=off,iommu=smmuv3 -smp 2 -m 6144`,
// with four of its 32 virtio_mmio nodes, and with the nodes that TF-A and OP-TEE add at boot.

#include "../machine/qemu_virt.hpp"

namespace trv::test {

inline const std::string qemu_virt_tree = std::string(R"(
    interrupt-parent = <0x8003>;
    model = "linux,dummy-virt";
    #size-cells = <2>;
    #address-cells = <2>;
    compatible = "linux,dummy-virt";
    memory@40000000 {
        reg = <0 0x40000000 1 0x80000000>;
        device_type = "memory";
    };
    platform-bus@c000000 {
        interrupt-parent = <0x8003>;
        ranges = <0 0 0xc000000 0x2000000>;
        #address-cells = <1>;
        #size-cells = <1>;
        compatible = "qemu,platform", "simple-bus";
    };
    fw-cfg@9020000 {
        dma-coherent;
        reg = <0 0x9020000 0 0x18>;
        compatible = "qemu,fw-cfg-mmio";
    };
    virtio_mmio@a000000 {
        dma-coherent;
        interrupts = <0 0x10 1>;
        reg = <0 0xa000000 0 0x200>;
        compatible = "virtio,mmio";
    };
    virtio_mmio@a000200 {
        dma-coherent;
        interrupts = <0 0x11 1>;
        reg = <0 0xa000200 0 0x200>;
        compatible = "virtio,mmio";
    };
    virtio_mmio@a003c00 {
        dma-coherent;
        interrupts = <0 0x2e 1>;
        reg = <0 0xa003c00 0 0x200>;
        compatible = "virtio,mmio";
    };
    virtio_mmio@a003e00 {
        dma-coherent;
        interrupts = <0 0x2f 1>;
        reg = <0 0xa003e00 0 0x200>;
        compatible = "virtio,mmio";
    };
    gpio-restart {
        secure-status = "okay";
        status = "disabled";
        gpios = <0x8007 1 0>;
        compatible = "gpio-restart";
    };
    gpio-poweroff {
        secure-status = "okay";
        status = "disabled";
        gpios = <0x8007 0 0>;
        compatible = "gpio-poweroff";
    };
    pl061@90b0000 {
        secure-status = "okay";
        status = "disabled";
        phandle = <0x8007>;
        clock-names = "apb_pclk";
        clocks = <0x8000>;
        interrupts = <0 0 4>;
        gpio-controller;
        #gpio-cells = <2>;
        compatible = "arm,pl061", "arm,primecell";
        reg = <0 0x90b0000 0 0x1000>;
    };
    gpio-keys {
        compatible = "gpio-keys";
        poweroff {
            gpios = <0x8006 3 0>;
            linux,code = <0x74>;
            label = "GPIO Key Poweroff";
        };
    };
    pl061@9030000 {
        phandle = <0x8006>;
        clock-names = "apb_pclk";
        clocks = <0x8000>;
        interrupts = <0 7 4>;
        gpio-controller;
        #gpio-cells = <2>;
        compatible = "arm,pl061", "arm,primecell";
        reg = <0 0x9030000 0 0x1000>;
    };
    smmuv3@9050000 {
        phandle = <0x8005>;
        #iommu-cells = <1>;
        dma-coherent;
        interrupt-names = "eventq", "priq", "cmdq-sync", "gerror";
        interrupts = <0 0x4a 1 0 0x4b 1 0 0x4c 1 0 0x4d 1>;
        reg = <0 0x9050000 0 0x20000>;
        compatible = "arm,smmu-v3";
    };
    pcie@10000000 {
        iommu-map = <0 0x8005 0 0x10000>;
        interrupt-map-mask = <0x1800 0 0 7>;
        interrupt-map = <0 0 0 1 0x8003 0 0 0 3 4 0 0 0 2 0x8003 0 0 0 4 4
            0 0 0 3 0x8003 0 0 0 5 4 0 0 0 4 0x8003 0 0 0 6 4
            0x800 0 0 1 0x8003 0 0 0 4 4 0x800 0 0 2 0x8003 0 0 0 5 4
            0x800 0 0 3 0x8003 0 0 0 6 4 0x800 0 0 4 0x8003 0 0 0 3 4
            0x1000 0 0 1 0x8003 0 0 0 5 4 0x1000 0 0 2 0x8003 0 0 0 6 4
            0x1000 0 0 3 0x8003 0 0 0 3 4 0x1000 0 0 4 0x8003 0 0 0 4 4
            0x1800 0 0 1 0x8003 0 0 0 6 4 0x1800 0 0 2 0x8003 0 0 0 3 4
            0x1800 0 0 3 0x8003 0 0 0 4 4 0x1800 0 0 4 0x8003 0 0 0 5 4>;
        #interrupt-cells = <1>;
        ranges = <0x1000000 0 0 0 0x3eff0000 0 0x10000 0x2000000 0 0x10000000 0 0x10000000 0 0x2eff0000 0x3000000 0x80 0 0x80 0 0x80 0>;
        reg = <0x40 0x10000000 0 0x10000000>;
        msi-map = <0 0x8004 0 0x10000>;
        dma-coherent;
        bus-range = <0 0xff>;
        linux,pci-domain = <0>;
        #size-cells = <2>;
        #address-cells = <3>;
        device_type = "pci";
        compatible = "pci-host-ecam-generic";
    };
    pl031@9010000 {
        clock-names = "apb_pclk";
        clocks = <0x8000>;
        interrupts = <0 2 4>;
        reg = <0 0x9010000 0 0x1000>;
        compatible = "arm,pl031", "arm,primecell";
    };
    pmu {
        interrupts = <1 7 4>;
        compatible = "arm,armv8-pmuv3";
    };
    flash@4000000 {
        bank-width = <4>;
        reg = <0 0x4000000 0 0x4000000>;
        compatible = "cfi-flash";
    };
    secflash@0 {
        secure-status = "okay";
        status = "disabled";
        bank-width = <4>;
        reg = <0 0 0 0x4000000>;
        compatible = "cfi-flash";
    };
    apb-pclk {
        phandle = <0x8000>;
        clock-output-names = "clk24mhz";
        clock-frequency = <0x16e3600>;
        #clock-cells = <0>;
        compatible = "fixed-clock";
    };
    secure-chosen {
        stdout-path = "/pl011@9040000";
        rng-seed = <1 2 3 4 5 6 7 8>;
        kaslr-seed = <9 10>;
    };
    chosen {
        stdout-path = "/pl011@9000000";
        rng-seed = <1 2 3 4 5 6 7 8>;
        kaslr-seed = <9 10>;
    };)") + qemu_virt_board;

} // namespace trv::test

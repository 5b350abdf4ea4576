// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual GICv3: the registers of the distributor and the redistributors, and the system registers that trap.
//
//     interrupt-controller@8000000 {
//         compatible = "arm,gic-v3";
//         #interrupt-cells = <3>;
//         #address-cells = <0>;
//         interrupt-controller;
//         reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0x40000>; // distributor; 128 KiB for each vCPU
//         phandle = <1>;
//     };

#include "irqchip/gicv3/layout.hpp"
#include "vdev/gic/sgi.hpp"
#include "vdev/gic/vgic_core.hpp"

namespace trv::vdev {

class VGicV3 final : public VGicCore, public Device {
  public:
    static constexpr u64 distributor_size = irqchip::gicd::frame_size;
    static constexpr u64 redistributor_size = irqchip::gicr::frames_size; ///< of each vCPU

    /// As VGicCore().
    VGicV3(VcpuWaker& waker, HardwareInput& inputs, unsigned vcpus, HeapArray<VGicSpiWord> spis);

    [[nodiscard]] MmioDevice& distributor() { return distributor_; }
    /// A window of vcpus × redistributor_size.
    [[nodiscard]] MmioDevice& redistributors() { return redistributors_; }

    [[nodiscard]] Result<void> attach(DeviceContext& context) override;
    /// Resets the whole GIC to its state after power-on. Precondition: no vCPU is loaded.
    void reset() override EXCLUDES(lock_);
    void describe(TreeWriter& tree) const override;

    /// A trapped write of `vcpu` to one of the registers that generate SGIs. Own CPU.
    void send_sgi(unsigned vcpu, SgiRegister target, u64 value) EXCLUDES(lock_);
    /// A trapped write of `vcpu` to ICC_DIR_EL1. It traps only while more interrupts are active than list registers
    /// exist. Own CPU.
    void deactivate(unsigned vcpu, u64 value) EXCLUDES(lock_);

  private:
    /// GICD_*: the distributor's registers as seen by the guest. One security state (DS=1), affinity routing always
    /// (ARE=1), no 1-of-N routing, no message-based interrupts, no LPIs, no extended ranges.
    class Distributor final : public MmioDevice {
      public:
        Distributor(VGicV3& gic, unsigned words);
        [[nodiscard]] MmioRead read(const MmioAccess& access) override;
        MmioOutcome write(const MmioAccess& access, u64 value) override;

      private:
        [[nodiscard]] MmioRead read_state(const MmioAccess& access);

        VGicV3& gic_;
        const u32 type_; ///< GICD_TYPER
    };

    /// GICR_*: the redistributors of all vCPUs, side by side in one window, 128 KiB each: RD_base, then SGI_base.
    class Redistributors final : public MmioDevice {
      public:
        explicit Redistributors(VGicV3& gic) : gic_(gic) {}
        [[nodiscard]] MmioRead read(const MmioAccess& access) override;
        MmioOutcome write(const MmioAccess& access, u64 value) override;

      private:
        VGicV3& gic_;
    };

    Distributor distributor_{*this, words_};
    Redistributors redistributors_{*this};
    IpaRange distributor_window_; ///< constant once attached
    IpaRange redistributor_window_;
};

} // namespace trv::vdev

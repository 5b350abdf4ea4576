// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual GICv2: the registers of the distributor, and GICC_DIR. The other registers of the guest's CPU interface are
// the hardware's, GICV, which the VM finds in front of that one.
//
//     interrupt-controller@8000000 {
//         compatible = "arm,gic-400", "arm,cortex-a15-gic";
//         #interrupt-cells = <3>;
//         #address-cells = <0>;
//         interrupt-controller;
//         reg = <0 0x8000000 0 0x1000 0 0x8010000 0 0x2000>; // distributor, CPU interface
//         phandle = <1>;
//     };

#include "irqchip/gicv2/layout.hpp"
#include "vdev/gic/vgic_core.hpp"

namespace trv::vdev {

class VGicV2 final : public VGicCore, public Device {
  public:
    static constexpr u64 distributor_size = irqchip::gicd_v2::frame_size;
    static constexpr u64 deactivation_size = irqchip::gicc::size - irqchip::gicc::dir_page;

    /// As VGicCore().
    VGicV2(VcpuWaker& waker, HardwareInput& inputs, unsigned vcpus, HeapArray<VGicSpiWord> spis);

    [[nodiscard]] MmioDevice& distributor() { return distributor_; }
    /// The page of GICC_DIR. It is not the hardware's: with more active interrupts than list registers, the hardware cannot
    /// say which one a guest deactivates. Kernels at EL1 do not use it.
    [[nodiscard]] MmioDevice& deactivation() { return deactivation_; }

    [[nodiscard]] Result<void> attach(DeviceContext& context) override;
    /// Resets the whole GIC to its state after power-on. Precondition: no vCPU is loaded.
    void reset() override EXCLUDES(lock_);
    void describe(TreeWriter& tree) const override;

  private:
    /// GICD_*: two groups, no Security Extensions. An SPI with several targets goes to the first of them.
    class Distributor final : public MmioDevice {
      public:
        explicit Distributor(VGicV2& gic) : gic_(gic) {}
        [[nodiscard]] MmioRead read(const MmioAccess& access) override;
        MmioOutcome write(const MmioAccess& access, u64 value) override;

      private:
        VGicV2& gic_;
    };

    class Deactivation final : public MmioDevice {
      public:
        explicit Deactivation(VGicV2& gic) : gic_(gic) {}
        [[nodiscard]] MmioRead read(const MmioAccess&) override { return 0; } // write-only
        MmioOutcome write(const MmioAccess& access, u64 value) override;

      private:
        VGicV2& gic_;
    };

    VGicV2State v2_state_;
    Distributor distributor_{*this};
    Deactivation deactivation_{*this};
    IpaRange distributor_window_; ///< constant once attached
    IpaRange deactivation_window_;
};

} // namespace trv::vdev

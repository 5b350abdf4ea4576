// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtio devices of a VM that exists, as one device: the window and the interrupts of all slots, and the bus that
// confines them to memory that the host lent.
//
//     io-bus {
//         compatible = "simple-bus";
//         #address-cells = <2>;
//         #size-cells = <2>;
//         ranges;
//         dma-ranges = <0 0x3ee00000 0 0x3ee00000 0 0x1200000>; // the bank: all that devices reach; not if they reach all
//         dma-coherent;
//         virtio_mmio@b000000 {
//             compatible = "virtio,mmio";
//             reg = <0 0xb000000 0 0x1000>;
//             interrupts = <0 4 4>; // an SPI, its number, active high
//             dma-coherent;
//         };
//         ... // and 15 more
//     };

#include "vdev/device.hpp"
#include "vdev/virtio/slots.hpp"

namespace trv::vdev {

class VirtioBus final : public Device, public MmioDevice {
  public:
    /// @param slots outlive it; @param bank the memory that was lent
    VirtioBus(VirtioSlots& slots, IpaRange bank) : slots_(slots), bank_(bank) {}
    ~VirtioBus() override;
    VirtioBus(const VirtioBus&) = delete;
    VirtioBus& operator=(const VirtioBus&) = delete;

    [[nodiscard]] Result<void> attach(DeviceContext& context) override;
    void reset() override { slots_.reset(); }
    void describe(TreeWriter& tree) const override;

    [[nodiscard]] MmioRead read(const MmioAccess& access) override;
    [[nodiscard]] MmioOutcome write(const MmioAccess& access, u64 value) override;

  private:
    VirtioSlots& slots_;
    const IpaRange bank_;
    IpaRange window_;
    VirtioSlots::Lines lines_;
    bool attached_ = false;
};

} // namespace trv::vdev

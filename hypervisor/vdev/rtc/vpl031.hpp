// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's PL031 real-time clock: the machine's date when the guest starts, and the guest's own once it has set it.
// There is no alarm: the match register and the interrupt mask keep what is written to them, the comparison never hits,
// and the device-tree node has no interrupt, so that Linux offers none. [PL031 TRM DDI0224]
//
//     rtc@9002000 {
//         compatible = "arm,pl031", "arm,primecell";
//         reg = <0 0x9002000 0 0x1000>;
//         clocks = <&clock>;
//         clock-names = "apb_pclk";
//     };

#include "lib/time/wall_clock.hpp"
#include "vdev/device.hpp"

#include <atomic>

namespace trv::vdev {

class VPl031 final : public Device, public MmioDevice {
  public:
    static constexpr u64 window_size = 0x1000;

    explicit constexpr VPl031(const WallClock& clock) : clock_(clock) {}

    [[nodiscard]] Result<void> attach(DeviceContext& context) override;
    void describe(TreeWriter& tree) const override;

    [[nodiscard]] MmioRead read(const MmioAccess& access) override;
    MmioOutcome write(const MmioAccess& access, u64 value) override;

  private:
    [[nodiscard]] u32 now() const;

    WallClock clock_;
    IpaRange window_;
    // Each register is a word of its own, with no order between them.
    std::atomic<u32> offset_ =
        0; ///< seconds that the guest's date is ahead; a reset of the VM leaves it, as a battery does
    std::atomic<u32> load_ = 0;
    std::atomic<u32> match_ = 0;
    std::atomic<u32> interrupt_mask_ = 0;
};

} // namespace trv::vdev

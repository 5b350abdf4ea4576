// SPDX-License-Identifier: Apache-2.0
#pragma once
// GICD_*: the distributor's registers as seen by the guest. One security state (DS=1), affinity routing always
// (ARE=1), 96 SPIs, no 1-of-N routing, no message-based interrupts, no LPIs, no extended ranges.

#include "vdev/mmio.hpp"

namespace trv::vdev {

class VGic;

class VGicDistributor final : public MmioDevice {
  public:
    explicit VGicDistributor(VGic& gic) : gic_(gic) {}

    [[nodiscard]] u64 read(const MmioAccess& access) override;
    void write(const MmioAccess& access, u64 value) override;

  private:
    VGic& gic_;
};

} // namespace trv::vdev

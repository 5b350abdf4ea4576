// SPDX-License-Identifier: Apache-2.0
#pragma once
// GICR_*: the redistributors of all vCPUs, side by side in one window, 128 KiB each: RD_base, then SGI_base.

#include "vdev/mmio.hpp"

namespace trv::vdev {

class VGic;

class VGicRedistributors final : public MmioDevice {
  public:
    explicit VGicRedistributors(VGic& gic) : gic_(gic) {}

    [[nodiscard]] u64 read(const MmioAccess& access) override;
    void write(const MmioAccess& access, u64 value) override;

  private:
    VGic& gic_;
};

} // namespace trv::vdev

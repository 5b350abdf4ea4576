// SPDX-License-Identifier: Apache-2.0
#pragma once
// Maps guest-physical addresses to device models.

#include "lib/result.hpp"
#include "lib/types.hpp"
#include "vdev/mmio.hpp"

#include <array>

namespace trv::vm {

class MmioBus {
  public:
    static constexpr unsigned max_windows = 16;

    /// Adds a window. Context: before the VM runs. @return Error::TooMany, Error::AlreadyMapped for an overlap
    Result<void> attach(IpaRange window, vdev::MmioDevice& device);

    struct Target {
        vdev::MmioDevice& device;
        u64 offset;
    };
    /// @return the device whose window contains the access; Error::NotFound, or Error::Misaligned for an access that is
    ///         not naturally aligned, which device memory does not support
    [[nodiscard]] Result<Target> find(Ipa address, u8 size) const;

  private:
    struct Window {
        IpaRange range;
        vdev::MmioDevice* device = nullptr;
    };
    std::array<Window, max_windows> windows_{};
    unsigned count_ = 0;
};

} // namespace trv::vm

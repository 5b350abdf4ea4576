// SPDX-License-Identifier: Apache-2.0
#pragma once
// Maps guest-physical addresses to device models.

#include "lib/result.hpp"
#include "lib/types.hpp"
#include "vdev/mmio.hpp"

#include <array>
#include <atomic>

namespace trv::vdev {

class MmioBus {
  public:
    static constexpr unsigned max_windows = 32;

    struct Window {
        IpaRange range;
        MmioDevice* device = nullptr;
    };

    /// Adds a window. Context: before the VM runs. @return Error::TooMany, Error::AlreadyMapped for an overlap
    Result<void> attach(IpaRange window, MmioDevice& device);

    /// Whether a window overlaps the range.
    [[nodiscard]] bool has_window_in(IpaRange range) const;

    /// @param vcpu  the accessing one: accesses of a vCPU come in series to one window, so that the last one is tried
    ///              first
    /// @return      the window that contains the access; null if there is none, or if the access is not naturally
    ///              aligned, which device memory does not support
    [[nodiscard]] const Window* find(Ipa address, u8 size, unsigned vcpu) {
        if (!address.is_aligned(size)) [[unlikely]] {
            return nullptr;
        }
        // Relaxed: any index of the table is a good one. Windows are page-aligned: an aligned access never straddles
        // their end.
        const Window& last = windows_[last_[vcpu].load(std::memory_order_relaxed)];
        return last.range.contains(address) ? &last : search(address, vcpu);
    }

  private:
    [[nodiscard]] const Window* search(Ipa address, unsigned vcpu);

    std::array<Window, max_windows> windows_{}; ///< by address; an unused one is empty and contains nothing
    unsigned count_ = 0;
    std::array<std::atomic<u8>, max_vcpus> last_{}; ///< where each vCPU's last access was
};

} // namespace trv::vdev

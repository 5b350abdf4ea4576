#pragma once
// What VMs left behind in OP-TEE for good. It numbers the address spaces of applications (ASIDs) out of 64 pairs for
// all VMs together [core_mmu.c], and VM_DESTROYED does not give back those of applications that are loaded. One that
// asks to be kept alive is, whatever the mediator closes. So each VM that starts over may use some up, and who does it
// again and again must not take them from the others.

#include "lib/types.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace trv::tee {

class Residue {
  public:
    /// Half of the pairs: the others are for applications in use.
    static constexpr u32 bearable = 32;

    /// @param vm index in the table of virtual machines
    void add(unsigned vm, u32 applications) {
        left_[vm].fetch_add(applications, std::memory_order_relaxed);
        total_.fetch_add(applications, std::memory_order_relaxed);
    }
    [[nodiscard]] u32 of(unsigned vm) const { return left_[vm].load(std::memory_order_relaxed); }

    /// Whether the VM may use OP-TEE again: not if it left more than there still is for all others. So the first one
    /// that overdoes it ends at half, and there is always something for those that left nothing yet.
    [[nodiscard]] bool bears(unsigned vm) const {
        const u32 own = of(vm);
        return own == 0 || own + std::min(total_.load(std::memory_order_relaxed), bearable) <= bearable;
    }

  private:
    // Relaxed: each number is of interest by itself.
    std::array<std::atomic<u32>, max_vms> left_{};
    std::atomic<u32> total_ = 0;
};

} // namespace trv::tee

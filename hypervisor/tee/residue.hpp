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
    /// Half of the pairs: the others are for applications in use. Each VM that ever used OP-TEE has an equal part.
    static constexpr u32 bearable = 32;

    /// The VM is about to use OP-TEE. Not from two CPUs at once.
    /// @param vm index in the table of virtual machines, here and below
    void expect(unsigned vm) {
        vms_ += known_[vm] ? 0 : 1;
        known_[vm] = true;
    }
    void add(unsigned vm, u32 applications) { left_[vm].fetch_add(applications, std::memory_order_relaxed); }
    [[nodiscard]] u32 of(unsigned vm) const { return left_[vm].load(std::memory_order_relaxed); }

    /// Whether the VM may use OP-TEE again. Only what the VM left itself counts, so that a VM cannot harm others.
    [[nodiscard]] bool bears(unsigned vm) const { return of(vm) <= bearable / std::max(2U, vms_); }

  private:
    std::array<std::atomic<u32>, max_vms> left_{}; // relaxed: each number is of interest by itself
    std::array<bool, max_vms> known_{};
    unsigned vms_ = 0;
};

} // namespace trv::tee

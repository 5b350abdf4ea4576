// SPDX-License-Identifier: Apache-2.0
#pragma once
// Applications that VMs left loaded in OP-TEE permanently. OP-TEE takes their ASIDs from 64 pairs for all VMs together
// [core_mmu.c], and VM_DESTROYED does not free the ASIDs of loaded applications. An application with the keep-alive
// flag stays loaded whatever the mediator closes. So each VM that restarts may use some up, and a VM that does so again
// and again must not take them from the others.

#include "lib/types.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace trv::tee::optee {

class Residue {
  public:
    /// Half of the pairs; the others are for applications in use. Each VM that ever used OP-TEE has an equal share.
    static constexpr u32 bearable = 32;

    /// Call this before the VM uses OP-TEE. Not from two CPUs at once.
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
    std::array<std::atomic<u32>, max_vms> left_{}; // relaxed: each number is independent
    std::array<bool, max_vms> known_{};
    unsigned vms_ = 0;
};

} // namespace trv::tee::optee

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The owners of page frames. Each frame of RAM has exactly one owner at any time.

#include "lib/log.hpp"
#include "lib/types.hpp"

namespace trv::memory {

/// Virtual machines follow FirstVm: see vm_owner(). Ten bits at most (frame_word.hpp).
enum class FrameOwner : u16 {
    Free = 0,   ///< in the frame pool; zero, so that a cleared table means free memory
    Hypervisor, ///< image, tables, heap, stacks
    Reserved,   ///< firmware's memory, and frame 0; never changes its owner
    Modules,    ///< kernels and file systems that the boot loader left for virtual machines
    Arena,      ///< memory shared with OP-TEE
    Leaving,    ///< on the way from its owner back to the pool: unpinned, being scrubbed
    FirstVm = 16,
};

/// One more than the largest owner.
inline constexpr unsigned frame_owners = static_cast<unsigned>(FrameOwner::FirstVm) + max_vms;

/// @param vm index in the table of virtual machines, below max_vms
[[nodiscard]] constexpr FrameOwner vm_owner(unsigned vm) {
    ASSERT(vm < max_vms);
    return static_cast<FrameOwner>(static_cast<unsigned>(FrameOwner::FirstVm) + vm);
}

[[nodiscard]] constexpr bool is_vm(FrameOwner owner) {
    return owner >= FrameOwner::FirstVm;
}

/// The inverse of vm_owner(). Precondition: is_vm().
[[nodiscard]] constexpr unsigned vm_of(FrameOwner owner) {
    ASSERT(is_vm(owner));
    return static_cast<unsigned>(owner) - static_cast<unsigned>(FrameOwner::FirstVm);
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#pragma once
// TLB maintenance, for all CPUs of the inner shareable domain [Arm ARM D8, TLB maintenance]. Each function returns when
// it is complete everywhere.

#include "lib/types.hpp"

#include <atomic>

namespace trv::arch {

/// Set once a CPU of the machine needs each invalidation twice (arch/cpu/errata.hpp); before its first guest.
inline constinit std::atomic<bool> tlbi_twice = false;

/// Beyond this number of pages, invalidating a range costs more than invalidating the whole address space.
inline constexpr u64 tlb_range_limit = 64;

/// Makes written descriptors visible to table walks. The DSB orders the stores before any later walk by any CPU, the
/// ISB before this CPU's next instructions.
inline void publish_tables() {
    asm volatile("dsb ishst\n\tisb" ::: "memory");
}

namespace detail {

/// Sets VTTBR_EL2 while the object exists, because stage-2 invalidation uses its VMID. EL2 does not use the register
/// itself, and a CPU at EL2 does not walk for EL1.
class CurrentVttbr {
  public:
    explicit CurrentVttbr(u64 vttbr) {
        asm volatile("mrs %0, vttbr_el2" : "=r"(saved_));
        asm volatile("msr vttbr_el2, %0\n\tisb" ::"r"(vttbr) : "memory");
    }
    ~CurrentVttbr() { asm volatile("msr vttbr_el2, %0\n\tisb" ::"r"(saved_) : "memory"); }
    CurrentVttbr(const CurrentVttbr&) = delete;
    CurrentVttbr& operator=(const CurrentVttbr&) = delete;

  private:
    u64 saved_;
};

/// Issues invalidations and waits until all CPUs have done them.
template <typename Issue>
inline void invalidate(Issue issue) {
    issue();
    asm volatile("dsb ish" ::: "memory");
    if (tlbi_twice.load(std::memory_order_relaxed)) {
        issue();
        asm volatile("dsb ish" ::: "memory");
    }
}

} // namespace detail

/// Invalidates a VM's translations of both stages.
/// @param vttbr names the VM by its VMID
inline void invalidate_vm(u64 vttbr) {
    const detail::CurrentVttbr current(vttbr);
    asm volatile("dsb ishst" ::: "memory");
    detail::invalidate([] { asm volatile("tlbi vmalls12e1is" ::: "memory"); });
    asm volatile("isb" ::: "memory");
}

/// Invalidates stage 2 for a range. TLBs may combine stages 1 and 2, and then cannot be searched by IPA: so it
/// invalidates all of the VM's stage 1 as well, after the stage-2 entries [Arm ARM D8, TLB maintenance].
/// @param vttbr names the VM by its VMID
/// @param size  bytes, page-aligned
inline void invalidate_stage2(u64 vttbr, Ipa base, u64 size) {
    if (size / page_size > tlb_range_limit) {
        invalidate_vm(vttbr);
        return;
    }
    const detail::CurrentVttbr current(vttbr);
    asm volatile("dsb ishst" ::: "memory");
    detail::invalidate([base, size] {
        for (u64 page = base.value >> page_shift; page < (base.value + size) >> page_shift; ++page) {
            asm volatile("tlbi ipas2e1is, %0" ::"r"(page) : "memory");
        }
    });
    detail::invalidate([] { asm volatile("tlbi vmalle1is" ::: "memory"); });
    asm volatile("isb" ::: "memory");
}

/// Invalidates the hypervisor's own translations of a range.
/// @param size bytes, page-aligned
inline void invalidate_host(Va base, u64 size) {
    asm volatile("dsb ishst" ::: "memory");
    detail::invalidate([base, size] {
        if (size / page_size > tlb_range_limit) {
            asm volatile("tlbi alle2is" ::: "memory");
            return;
        }
        for (u64 page = base.value >> page_shift; page < (base.value + size) >> page_shift; ++page) {
            asm volatile("tlbi vae2is, %0" ::"r"(page) : "memory");
        }
    });
    asm volatile("isb" ::: "memory");
}

} // namespace trv::arch

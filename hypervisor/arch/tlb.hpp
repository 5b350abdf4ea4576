#pragma once
// TLB maintenance, for all CPUs of the inner shareable domain [Arm ARM D8, TLB maintenance]. Each function returns when
// it is complete everywhere.

#include "lib/types.hpp"

namespace trv::arch {

/// Beyond so many pages a range costs more than to forget all of the address space.
inline constexpr u64 tlb_range_limit = 64;

/// Makes written descriptors visible to table walks. The DSB orders the stores before any later walk by any CPU, the
/// ISB before this CPU's next instructions.
inline void publish_tables() {
    asm volatile("dsb ishst\n\tisb" ::: "memory");
}

namespace detail {

/// Stage-2 invalidation works on the VMID in VTTBR_EL2; this one is there while the object lives. EL2 has no use of the
/// register itself, and a CPU at EL2 does not walk for EL1.
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

} // namespace detail

/// Forgets a VM's translations of both stages.
/// @param vttbr names the VM by its VMID
inline void invalidate_vm(u64 vttbr) {
    const detail::CurrentVttbr current(vttbr);
    asm volatile("dsb ishst\n\ttlbi vmalls12e1is\n\tdsb ish\n\tisb" ::: "memory");
}

/// Forgets what stage 2 said about a range. TLBs may hold stage 1 and 2 combined, where an IPA cannot be found:
/// therefore all of the VM's stage 1 goes too, after the stage-2 entries have gone [Arm ARM D8, TLB maintenance].
/// @param vttbr names the VM by its VMID
/// @param size  bytes, page-aligned
inline void invalidate_stage2(u64 vttbr, Ipa base, u64 size) {
    if (size / page_size > tlb_range_limit) {
        invalidate_vm(vttbr);
        return;
    }
    const detail::CurrentVttbr current(vttbr);
    asm volatile("dsb ishst" ::: "memory");
    for (u64 page = base.value >> page_shift; page < (base.value + size) >> page_shift; ++page) {
        asm volatile("tlbi ipas2e1is, %0" ::"r"(page) : "memory");
    }
    asm volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" ::: "memory");
}

/// Forgets the hypervisor's own translations of a range.
/// @param size bytes, page-aligned
inline void invalidate_host(Va base, u64 size) {
    asm volatile("dsb ishst" ::: "memory");
    if (size / page_size > tlb_range_limit) {
        asm volatile("tlbi alle2is" ::: "memory");
    } else {
        for (u64 page = base.value >> page_shift; page < (base.value + size) >> page_shift; ++page) {
            asm volatile("tlbi vae2is, %0" ::"r"(page) : "memory");
        }
    }
    asm volatile("dsb ish\n\tisb" ::: "memory");
}

} // namespace trv::arch

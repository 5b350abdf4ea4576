// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reports to a guest how long its vCPUs were ready but did not run, so that it does not count that time as work. A
// read-only page of the VM holds one structure per vCPU. [DEN0057A, Paravirtualized Time for Arm-based Systems]

#include "memory/physical/frame_pool.hpp"
#include "memory/translation/stage2.hpp"

namespace trv::vm {

class StolenTime {
  public:
    constexpr StolenTime() = default;

    /// Allocates and maps the page. Context: once, while the VM is created. @return Error::NoMemory
    /// @param at where the guest finds the page
    Result<void> create(memory::FramePool& pool, memory::Stage2& stage2, Ipa at);

    /// The address of the vCPU's structure.
    [[nodiscard]] Ipa address_of(unsigned vcpu) const { return base_ + vcpu * sizeof(Structure); }

    /// @param ticks of the system counter, since the VM started
    void publish(unsigned vcpu, u64 ticks);

  private:
    /// [DEN0057A 3.2.2]
    struct Structure {
        u32 revision;
        u32 attributes;
        u64 stolen_ns;
        u64 reserved[6];
    };
    static_assert(sizeof(Structure) == 64);
    static_assert(max_vcpus * sizeof(Structure) <= page_size);

    memory::Frames frame_;
    Ipa base_;
    u64 published_[max_vcpus] = {}; ///< ticks
};

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#include "vm/time/stolen_time.hpp"

#include "arch/cpu/clock.hpp"
#include "lib/time/time.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/physical/scrub.hpp"

#include <atomic>

namespace trv::vm {

Result<void> StolenTime::create(memory::FramePool& pool, memory::Stage2& stage2, Ipa at) {
    frame_ = TRY(pool.allocate(0, stage2.owner()));
    memory::scrub(frame_.range());
    base_ = at;
    return stage2.map({at, page_size}, frame_.base(), memory::Access::ReadOnly);
}

void StolenTime::publish(unsigned vcpu, u64 ticks) {
    if (published_[vcpu] == ticks) {
        return;
    }
    published_[vcpu] = ticks;
    Structure& structure = memory::direct_map<Structure>(frame_.base())[vcpu];
    // One 64-bit store: the guest reads it without a lock [DEN0057A 3.2.2].
    std::atomic_ref(structure.stolen_ns).store(ticks_to_nanoseconds(ticks, arch::tick_hz()), std::memory_order_relaxed);
}

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's memory: one frame table and what is built on it.

#include "arch/memory/page_table_format.hpp"
#include "memory/heap.hpp"
#include "memory/physical/device_table.hpp"
#include "memory/physical/frame_pool.hpp"
#include "memory/physical/frame_table.hpp"
#include "memory/translation/vmid.hpp"

namespace trv::memory {

struct MachineMemory {
    /// Starts all of it, in order. The heap, and with it make<T>(), works from here on.
    /// @return see FrameTable::start()
    /// Context: boot, one CPU, all of RAM mapped.
    [[nodiscard]] Result<void> start(const RamMap& map, const arch::TranslationLimits& limits);

    FrameTable frames;
    FramePool pool;
    DeviceTable devices;
    Heap heap;
    VmidPool vmids;
};

} // namespace trv::memory

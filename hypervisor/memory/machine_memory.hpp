// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's memory: the single instances of frame table, frame pool, device table, heap and VMID pool.

#include "arch/page_table_format.hpp"
#include "memory/device_table.hpp"
#include "memory/frame_pool.hpp"
#include "memory/frame_table.hpp"
#include "memory/heap.hpp"
#include "memory/vmid.hpp"

namespace trv::memory {

[[nodiscard]] FrameTable& frame_table();
[[nodiscard]] FramePool& frame_pool();
[[nodiscard]] DeviceTable& device_table();
[[nodiscard]] Heap& heap();
[[nodiscard]] VmidPool& vmid_pool();

/// Starts them in order. make<T>() works from here on.
/// @return see FrameTable::start()
/// Context: boot, one CPU, all of RAM mapped.
[[nodiscard]] Result<void> start_memory(const RamMap& map, const arch::TranslationLimits& limits);

} // namespace trv::memory

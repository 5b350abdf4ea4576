// SPDX-License-Identifier: Apache-2.0
#include "memory/machine_memory.hpp"

namespace trv::memory {

namespace {

constinit FrameTable the_frame_table;
constinit FramePool the_frame_pool;
constinit DeviceTable the_device_table;
constinit Heap the_heap;
constinit VmidPool the_vmid_pool;

} // namespace

FrameTable& frame_table() {
    return the_frame_table;
}
FramePool& frame_pool() {
    return the_frame_pool;
}
DeviceTable& device_table() {
    return the_device_table;
}
Heap& heap() {
    return the_heap;
}
VmidPool& vmid_pool() {
    return the_vmid_pool;
}

Result<void> start_memory(const RamMap& map, const arch::TranslationLimits& limits) {
    TRY(the_frame_table.start(map));
    the_frame_pool.start(the_frame_table, map);
    the_device_table.start(the_frame_table);
    the_heap.start(the_frame_pool);
    the_vmid_pool.start(limits.vmid_bits);
    return {};
}

} // namespace trv::memory

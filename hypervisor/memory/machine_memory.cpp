// SPDX-License-Identifier: Apache-2.0
#include "memory/machine_memory.hpp"

namespace trv::memory {

Result<void> MachineMemory::start(const RamMap& map, const arch::TranslationLimits& limits) {
    TRY(frames.start(map));
    pool.start(frames, map);
    devices.start(frames);
    heap.start(pool);
    vmids.start(limits.vmid_bits);
    return {};
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Generation of SGIs: decodes a guest's write to ICC_SGI0R_EL1, ICC_SGI1R_EL1 or ICC_ASGI1R_EL1.

#include "lib/intid.hpp"

namespace trv::vdev {

enum class SgiRegister : u8 {
    Sgi0,      ///< ICC_SGI0R_EL1
    Sgi1,      ///< ICC_SGI1R_EL1
    AliasSgi1, ///< ICC_ASGI1R_EL1
};

struct SgiRequest {
    IntId intid;
    u32 targets; ///< vCPUs, one bit each; only those that exist
};

/// vCPU i has affinity 0.0.0.i; other targets do not exist and are ignored, as the architecture requires.
[[nodiscard]] SgiRequest decode_sgi(unsigned from, unsigned vcpus, u64 value);

} // namespace trv::vdev

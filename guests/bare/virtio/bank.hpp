// SPDX-License-Identifier: Apache-2.0
#pragma once
// The memory that the host lends this VM for its devices, as memory: the identity map has it as a device's.

#include "lib/types.hpp"

namespace trv::bare::virtio {

/// Maps it, once, before anything uses it. @return false if this VM has none
[[nodiscard]] bool map_bank();

/// What both sides order their accesses to the bank with.
inline void order() {
    asm volatile("dmb ish" ::: "memory");
}

} // namespace trv::bare::virtio

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

namespace trv::arch {

/// The vector through which a guest exited; numbered as in arch/offsets.h.
enum class ExitKind : u32 { Sync, Irq, Fiq, SError };

} // namespace trv::arch

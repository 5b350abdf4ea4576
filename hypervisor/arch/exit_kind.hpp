#pragma once

#include "lib/types.hpp"

namespace trv::arch {

/// By which vector a guest left; numbered as in arch/offsets.h.
enum class ExitKind : u32 { Sync, Irq, Fiq, SError };

} // namespace trv::arch

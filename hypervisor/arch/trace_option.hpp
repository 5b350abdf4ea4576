#pragma once

#include "generated/config.h"

namespace trv::arch {

/// Kconfig TRACE. Code behind `if constexpr` of it is not in an image without.
#ifdef CONFIG_TRACE
inline constexpr bool trace_built_in = true;
#else
inline constexpr bool trace_built_in = false;
#endif

} // namespace trv::arch

#pragma once
// Zeroing memory so that nothing of its former use can be read, by whatever path: zeros reach the point of coherency,
// where a guest that has its caches off reads too.

#include "lib/types.hpp"

namespace trv::memory {

/// @param range whole pages of RAM
/// Context: any; cost grows with the size.
void scrub(PaRange range);

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Zeroes memory so that its former contents cannot be read by any path: the zeros reach the point of coherency, from
// which a guest with its caches off reads.

#include "lib/types.hpp"

namespace trv::memory {

/// @param range whole pages of RAM
/// Context: any; cost grows with the size.
void scrub(PaRange range);

} // namespace trv::memory

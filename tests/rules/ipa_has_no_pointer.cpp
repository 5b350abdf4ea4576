// refused: no matching function for call to 'direct_map'
// SPDX-License-Identifier: Apache-2.0
// What a guest calls an address is read through its stage 2 only.

#include "memory/physical/direct_map.hpp"

namespace trv::memory {

std::byte first_byte([[maybe_unused]] Ipa ipa, [[maybe_unused]] Pa pa) {
#ifdef BREAK_RULE
    return *direct_map(ipa);
#else
    return *direct_map(pa);
#endif
}

} // namespace trv::memory

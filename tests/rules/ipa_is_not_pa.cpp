// refused: no (viable conversion|matching|known conversion)|cannot convert|invalid operands
// SPDX-License-Identifier: Apache-2.0
// A guest-physical address never passes for a physical one.

#include "memory/physical/direct_map.hpp"
#include "memory/physical/frame_table.hpp"

namespace trv::memory {

bool belongs_to_first_vm(const FrameTable& table, Ipa ipa, Pa pa) {
#ifdef BREAK_RULE
    return table.owner_of(ipa) == vm_owner(0) && ipa.value == pa.value;
#else
    return table.owner_of(pa) == vm_owner(0) && ipa.value == pa.value;
#endif
}

} // namespace trv::memory

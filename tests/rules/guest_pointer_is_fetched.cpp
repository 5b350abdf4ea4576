// refused: indirection requires pointer operand
// SPDX-License-Identifier: Apache-2.0
// A guest's pointer is not dereferenced; its target is copied and the copy judged.

#include "memory/guest_memory.hpp"

namespace trv::memory {

Result<u64> value_of([[maybe_unused]] const Stage2& space, GuestPtr<u64> pointer) {
#ifdef BREAK_RULE
    return *pointer;
#else
    return fetch(space, pointer);
#endif
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#include "vm/vm_id.hpp"

namespace trv::vm {

Result<VmId> VmIdPool::lease(unsigned number) {
    if ((leased_.fetch_or(bit(number), std::memory_order_acquire) & bit(number)) != 0) {
        return fail(Error::Busy);
    }
    return VmId(*this, number);
}

Result<VmId> VmIdPool::lease() {
    for (unsigned tries = 0; tries < max_vms; ++tries) {
        Result<VmId> id = lease(next_.fetch_add(1, std::memory_order_relaxed) % max_vms);
        if (id) {
            return id;
        }
    }
    return fail(Error::TooMany);
}

} // namespace trv::vm

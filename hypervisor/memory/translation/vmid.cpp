// SPDX-License-Identifier: Apache-2.0
#include "memory/translation/vmid.hpp"

#include "arch/memory/page_table_format.hpp"
#include "arch/memory/tlb.hpp"
#include "lib/log.hpp"

#include <algorithm>

namespace trv::memory {

void VmidPool::start(unsigned vmid_bits) {
    const Guard guard(lock_);
    wide_ = vmid_bits == 16;
}

bool VmidPool::is_leased(u16 vmid) const {
    return std::ranges::find(leased_, vmid) != std::end(leased_);
}

Result<VmidLease> VmidPool::lease() {
    u16 vmid = 0;
    {
        const Guard guard(lock_);
        u16* const place = std::ranges::find(leased_, u16{0});
        if (place == std::end(leased_)) {
            return fail(Error::TooMany);
        }
        const u16 largest = wide_ ? 0xffff : 0xff;
        // Terminates: fewer VMIDs are leased than exist.
        do {
            last_ = last_ == largest ? u16{1} : static_cast<u16>(last_ + 1);
        } while (is_leased(last_));
        vmid = last_;
        *place = vmid;
    }
    // Left by its last user, or by software that ran before the hypervisor.
    arch::invalidate_vm(arch::vttbr_value(Pa(0), vmid));
    return VmidLease(*this, vmid);
}

unsigned VmidPool::leased() {
    const Guard guard(lock_);
    return static_cast<unsigned>(std::size(leased_) - static_cast<std::size_t>(std::ranges::count(leased_, u16{0})));
}

void VmidPool::give_back(u16 vmid) {
    const Guard guard(lock_);
    u16* const place = std::ranges::find(leased_, vmid);
    ASSERT(vmid != 0 && place != std::end(leased_));
    *place = 0;
}

} // namespace trv::memory

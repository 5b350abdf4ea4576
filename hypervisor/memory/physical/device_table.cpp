// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/device_table.hpp"

#include "lib/checked.hpp"

namespace trv::memory {

Result<void> DeviceTable::check_free(PaRange range, FrameOwner may_overlap) const {
    if (!frames_->is_outside(range)) {
        return fail(Error::Denied);
    }
    for (const DeviceClaim& claim : claims_) { // smaller than an algorithm, which is unrolled
        if (claim.range.overlaps(range) && claim.owner != may_overlap) {
            return fail(Error::Busy);
        }
    }
    return {};
}

Result<void> DeviceTable::reserve(PaRange registers) {
    if (registers.empty()) {
        return fail(Error::Invalid);
    }
    const Pa first = registers.base.align_down(page_size);
    const u64 end = TRY(checked_add(registers.base.value, registers.size));
    (void)TRY(checked_add(end, page_size - 1));
    const PaRange pages{first, align_up(end, page_size) - first.value};
    const Guard guard(lock_);
    TRY(check_free(pages, FrameOwner::Hypervisor)); // its own it may name twice
    return claims_.push_back({pages, FrameOwner::Hypervisor}) ? Result<void>() : fail(Error::TooMany);
}

Result<DeviceLease> DeviceTable::claim(PaRange range, FrameOwner owner) {
    ASSERT(is_vm(owner));
    (void)TRY(make_range(range.base, range.size));
    if (!range.base.is_aligned(page_size) || !is_aligned(range.size, page_size)) {
        return fail(Error::Misaligned);
    }
    const Guard guard(lock_);
    TRY(check_free(range, FrameOwner::Free)); // no claim has that owner
    if (!claims_.push_back({range, owner})) {
        return fail(Error::TooMany);
    }
    return DeviceLease(*this, {range, owner});
}

void DeviceTable::give_back(const DeviceClaim& claim) {
    const Guard guard(lock_);
    DeviceClaim* entry = claims_.begin();
    while (entry->range != claim.range) { // its lease says that it is there, and ranges of VMs overlap no others
        ++entry;
    }
    *entry = claims_[claims_.size() - 1];
    (void)claims_.pop_back();
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#include "irq/table.hpp"

namespace trv::irq {

Result<void> Table::create(u32 interrupts) {
    owners_ = TRY(HeapArray<Owner>::create(interrupts));
    for (Owner& owner : owners_) {
        owner = unclaimed_;
    }
    return {};
}

Result<void> Table::claim(IntId intid, const Owner& owner) {
    if (intid.value >= owners_.size()) {
        return fail(Error::OutOfRange);
    }
    Owner& entry = owners_[intid.value];
    if (entry.handler != unclaimed_.handler) {
        return fail(Error::Busy);
    }
    entry = owner;
    return {};
}

} // namespace trv::irq

// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/guest/guest_pages.hpp"

namespace trv::tee::optee {
namespace {

bool is_plain(const memory::Stage2::Leaf& leaf) {
    return leaf.type == memory::MemoryType::Normal && arch::can_write(leaf.access);
}

} // namespace

void PageLookup::use(const Leaf& leaf) {
    ipa_ = leaf.ipa;
    pa_ = leaf.pa;
    size_ = leaf.size;
}

Result<bool> PageLookup::find(Ipa page) {
    for (u32 i = 0; i < count_; ++i) {
        if (page.value - leaves_[i].ipa.value < leaves_[i].size) {
            use(leaves_[i]);
            return true;
        }
    }
    if (count_ == most_leaves) {
        return false;
    }
    const memory::Stage2::Leaf leaf = TRY(memory_.memory_at(page));
    if (!is_plain(leaf)) {
        return fail(Error::Denied);
    }
    const u64 before = leaf.size - leaf.remaining;
    leaves_[count_] = {page - before, leaf.pa - before, leaf.size};
    use(leaves_[count_++]);
    return true;
}

Result<void> PageLookup::confirm() {
    for (u32 i = 0; i < count_; ++i) {
        const memory::Stage2::Leaf leaf = TRY(memory_.memory_at(leaves_[i].ipa));
        if (!is_plain(leaf) || leaf.pa != leaves_[i].pa || leaf.size != leaves_[i].size) {
            return fail(Error::NotMapped);
        }
    }
    return {};
}

Result<memory::Pin> pin_page(GuestMemory& memory, Ipa page) {
    if (!page.is_aligned(page_size)) {
        return fail(Error::Misaligned);
    }
    const auto plain_at = [&]() -> Result<Pa> {
        const memory::Stage2::Leaf leaf = TRY(memory.memory_at(page));
        if (!is_plain(leaf)) {
            return fail(Error::Denied);
        }
        return leaf.pa;
    };
    const Pa frame = TRY(plain_at());
    memory::Pin pin = TRY(memory::Pin::take(memory.frames(), frame, memory.owner()));
    if (TRY(plain_at()) != frame) {
        return fail(Error::NotMapped);
    }
    return pin;
}

} // namespace trv::tee::optee

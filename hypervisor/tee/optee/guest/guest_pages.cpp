// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/guest/guest_pages.hpp"

namespace trv::tee::optee {
namespace {

bool is_plain(const memory::Stage2::Leaf& leaf) {
    return leaf.type == memory::MemoryType::Normal && arch::can_write(leaf.access);
}

} // namespace

PagePinner::Block PagePinner::block_of(Ipa ipa, const memory::Stage2::Leaf& leaf) {
    const u64 before = leaf.size - leaf.remaining;
    return {ipa - before, leaf.pa - before, leaf.size};
}

Result<Pa> PagePinner::pin(Ipa page) {
    if (!page.is_aligned(page_size)) {
        return fail(Error::Misaligned);
    }
    if (!block_ || page < block_->ipa || page - block_->ipa >= block_->size) {
        TRY(confirm());
        ++leaves_;
        const memory::Stage2::Leaf leaf = TRY(memory_.memory_at(page));
        if (!is_plain(leaf)) {
            return fail(Error::Denied);
        }
        block_ = block_of(page, leaf);
    }
    const Pa frame = block_->pa + (page - block_->ipa);
    TRY(memory_.frames().pin({frame, 1}, memory_.owner()));
    return frame;
}

Result<void> PagePinner::confirm() {
    if (!block_) {
        return {};
    }
    const Block block = *block_;
    block_.reset();
    const memory::Stage2::Leaf leaf = TRY(memory_.memory_at(block.ipa));
    if (!is_plain(leaf) || leaf.pa != block.pa || leaf.size != block.size) {
        return fail(Error::NotMapped);
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

// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/guest/guest_pages.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

bool is_plain(const memory::Stage2::Leaf& leaf) {
    return leaf.type == memory::MemoryType::Normal && arch::can_write(leaf.access);
}

} // namespace

const PagePinner::Block* PagePinner::find(Ipa page) const {
    for (u32 i = 0; i < count_; ++i) {
        if (page >= blocks_[i].ipa && page - blocks_[i].ipa < blocks_[i].size) {
            return &blocks_[i];
        }
    }
    return nullptr;
}

Result<const PagePinner::Block*> PagePinner::look_up(Ipa page) {
    const memory::Stage2::Leaf leaf = TRY(memory_.memory_at(page));
    if (!is_plain(leaf)) {
        return fail(Error::Denied);
    }
    const u64 before = leaf.size - leaf.remaining;
    blocks_[count_] = {page - before, leaf.pa - before, leaf.size};
    return &blocks_[count_++];
}

Result<memory::FrameRun> PagePinner::pin(Ipa first, u32 most) {
    if (!first.is_aligned(page_size)) {
        return fail(Error::Misaligned);
    }
    const Block* block = find(first);
    if (block == nullptr) {
        if (count_ == most_leaves) {
            return memory::FrameRun();
        }
        block = TRY(look_up(first));
    }
    const u64 offset = first - block->ipa;
    const memory::FrameRun run{block->pa + offset,
                               static_cast<u32>(std::min<u64>(most, (block->size - offset) / page_size))};
    TRY(memory_.frames().pin(run, memory_.owner()));
    return run;
}

Result<void> PagePinner::confirm() {
    for (u32 i = 0; i < count_; ++i) {
        const memory::Stage2::Leaf leaf = TRY(memory_.memory_at(blocks_[i].ipa));
        if (!is_plain(leaf) || leaf.pa != blocks_[i].pa || leaf.size != blocks_[i].size) {
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

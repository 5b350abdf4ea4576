// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/shared_memory/map_budget.hpp"

#include <algorithm>
#include <bit>

namespace trv::tee::optee {

/// No less than the largest, and at most 16 pages more.
u32 MapBudget::largest_floating() const {
    return classes_ == 0 ? 0 : static_cast<u32>(std::bit_width(classes_)) * class_pages - 1;
}

/// Where floating blocks end at most, while placed ones end at `under` or below.
u32 MapBudget::floating_end(u32 under, u32 pages, u32 blocks, u32 largest) const {
    if (blocks == 0) {
        return 0;
    }
    return under + pages + (mixed_ ? (blocks - 1) * (largest - 1) : 0);
}

/// Where a block that is placed now ends at most, whatever stands where.
u32 MapBudget::end_among_all(u32 pages, u32 other_pages, u32 other_blocks) const {
    return pages + other_pages + other_blocks * (pages - 1);
}

/// placed_end_, if so much more were there before the unsettled blocks are mapped.
u32 MapBudget::placed_end_with(u32 pages, u32 blocks) const {
    u32 end = placed_end_;
    for (u32 i = 0; unsettled_ != 0 && i < max_placed; ++i) {
        const Block& block = placed_[i];
        if (block.pages != 0 && !block.settled) {
            const u32 other_pages = floating_pages_ + placed_pages_ + pages - block.pages;
            const u32 other_blocks = floating_blocks_ + placed_blocks_ + blocks - 1;
            end = std::max(end, end_among_all(block.pages, other_pages, other_blocks));
        }
    }
    return end;
}

void MapBudget::raise_unsettled(u32 pages, u32 blocks) {
    if (unsettled_ == 0) {
        return;
    }
    const u32 end = placed_end_with(pages, blocks);
    for (Block& block : placed_) {
        if (block.pages != 0 && !block.settled) {
            block.end = std::max(block.end, end);
        }
    }
    placed_end_ = end;
}

bool MapBudget::may_float(u32 pages, u32 blocks, u32 largest) {
    const u32 under = unsettled_ == 0 ? placed_end_ : placed_end_with(pages, blocks);
    const u32 end = floating_end(under, floating_pages_ + pages, floating_blocks_ + blocks, largest);
    if (std::max(under, end) > pool_pages) {
        return false;
    }
    raise_unsettled(pages, blocks);
    floating_end_ = std::max(floating_end_, end);
    return true;
}

bool MapBudget::join() {
    const bool was_mixed = mixed_;
    mixed_ = mixed_ || calls_ != 0;
    if (mixed_ != was_mixed && !may_float(0, 0, largest_floating())) {
        mixed_ = was_mixed;
        return false;
    }
    ++calls_;
    return true;
}

void MapBudget::leave() {
    if (--calls_ == 0) {
        mixed_ = false;
    }
}

bool MapBudget::float_block(u32 pages) {
    if (this->pages() + pages > most_ || !may_float(pages, 1, std::max(largest_floating(), pages))) {
        return false;
    }
    floating_pages_ += pages;
    ++floating_blocks_;
    const u32 in = pages / class_pages;
    ++in_class_[in];
    classes_ |= u64{1} << in;
    return true;
}

void MapBudget::unfloat_block(u32 pages) {
    floating_pages_ -= pages;
    if (--floating_blocks_ == 0) {
        floating_end_ = 0;
    }
    const u32 in = pages / class_pages;
    if (--in_class_[in] == 0) {
        classes_ &= ~(u64{1} << in);
    }
}

u32 MapBudget::find_free() const {
    u32 i = 0;
    while (i < max_placed && placed_[i].pages != 0) {
        ++i;
    }
    return i < max_placed ? i : none;
}

u32 MapBudget::place(u32 pages, Kind kind, IdleBlocks idle) {
    const u32 index = find_free();
    if (index == none || (kind == Kind::Buffer && this->pages() + pages > most_)) {
        return none;
    }
    const u32 afloat_pages = floating_pages_ - idle.pages;
    const u32 afloat_blocks = floating_blocks_ - idle.blocks;
    const u32 under = placed_end_with(pages, 1);
    u32 end = std::min(end_among_all(pages, afloat_pages + placed_pages_, afloat_blocks + placed_blocks_),
                       under + pages + afloat_pages + afloat_blocks * (pages - 1));
    u32 floating = floating_end(std::max(under, end), afloat_pages, afloat_blocks, largest_floating());
    if (placed_blocks_ == 0 && afloat_blocks == 1) { // the rule for one beside one
        end = std::min(end, floating_end_ + pages);
        floating = std::min(floating, afloat_pages + pages);
    }
    if (std::max({under, end, floating}) > pool_pages) {
        return none;
    }
    floating_end_ = floating_blocks_ != 0 ? std::max(floating_end_, floating) : 0;
    raise_unsettled(pages, 1);
    placed_[index] = {pages, end, kind, false};
    placed_end_ = std::max(placed_end_, end);
    placed_pages_ += pages;
    list_pages_ += kind == Kind::List ? pages : 0;
    ++placed_blocks_;
    ++unsettled_;
    return index;
}

void MapBudget::settle(u32 index) {
    if (!placed_[index].settled) {
        placed_[index].settled = true;
        --unsettled_;
    }
}

void MapBudget::remove(u32 index) {
    settle(index);
    const Block block = placed_[index];
    placed_[index] = Block();
    placed_pages_ -= block.pages;
    list_pages_ -= block.kind == Kind::List ? block.pages : 0;
    --placed_blocks_;
    placed_end_ = 0;
    for (const Block& other : placed_) {
        placed_end_ = std::max(placed_end_, other.end);
    }
}

} // namespace trv::tee::optee

// SPDX-License-Identifier: Apache-2.0
#include "guest/ram.hpp"

#include "arch/cpu/nospec.hpp"
#include "arch/memory/cache.hpp"
#include "memory/physical/direct_map.hpp"

#include <algorithm>
#include <bit>

namespace trv::guest {
namespace {

constexpr unsigned granule_order = memory::order_for(Ram::granule);

constexpr unsigned clean_granules = 4;     ///< in one step: 8 MiB, line by line
constexpr unsigned untouched_granules = 8; ///< that one step gives back, which need no scrubbing

/// The largest order whose block is no larger than `bytes`.
unsigned order_within(u64 bytes) {
    const unsigned order = static_cast<unsigned>(std::bit_width(bytes / page_size)) - 1;
    return std::min(order, memory::FramePool::max_order);
}

} // namespace

Ram::~Ram() {
    // A VM that could not be completed: scrubbing all its memory at once would take long, and no guest has used it.
    for (unsigned i = 0; (adopted_ || !populated_) && i < count_; ++i) {
        memory::Frames& frames = blocks_[i].frames;
        if (adopted_) {
            (void)frames.release();
        } else {
            (void)frames.give_back(frames.range().size, memory::Contents::Untouched);
        }
    }
}

Result<void> Ram::allocate(memory::FramePool& pool, u64 size, memory::FrameOwner owner) {
    if (size == 0 || !is_aligned(size, granule)) {
        return fail(Error::Invalid);
    }
    for (u64 allocated = 0; allocated < size;) {
        if (count_ == max_blocks) {
            return fail(Error::NoMemory);
        }
        memory::Frames frames = TRY(pool.allocate_largest(order_within(size - allocated), granule_order, owner));
        const Ipa base = ram_base + allocated;
        allocated += frames.range().size;
        blocks_[count_++] = {base, std::move(frames)};
    }
    return {};
}

Result<void> Ram::adopt(memory::FramePool& pool, memory::Stage2& stage2, std::span<const PaRange> banks,
                        memory::FrameOwner owner) {
    adopted_ = true;
    for (const PaRange& bank : banks) {
        if (count_ == max_banks) {
            return fail(Error::TooMany);
        }
        Block& block = blocks_[count_];
        block = {Ipa(bank.base.value), TRY(pool.adopt(bank, owner))};
        ++count_;
        TRY(stage2.map(block.range(), bank.base, memory::Access::ReadWriteExecute));
    }
    return count_ != 0 ? Result<void>() : fail(Error::Invalid);
}

Ram::Banks Ram::banks() const {
    Banks banks;
    for (unsigned i = 0; i < count_; ++i) {
        const IpaRange range = blocks_[i].range();
        if (!banks.empty() && banks[banks.size() - 1].end() == range.base) {
            banks[banks.size() - 1].size += range.size;
        } else {
            MUST(banks.push_back(range)); // adopt() counts them, and allocate() makes one
        }
    }
    return banks;
}

IpaRange Ram::first_bank() const {
    const Banks all = banks();
    return all.empty() ? IpaRange{} : all[0];
}

bool Ram::overlaps(IpaRange range) const {
    return std::any_of(blocks_.begin(), blocks_.begin() + count_,
                       [range](const Block& block) { return block.range().overlaps(range); });
}

const Ram::Block* Ram::block_of(Ipa ipa) const {
    for (unsigned i = 0; i < count_; ++i) {
        if (blocks_[i].range().contains(ipa)) {
            return &blocks_[i];
        }
    }
    return nullptr;
}

Pa Ram::frame_behind(Ipa ipa) const {
    const Block& block = *block_of(ipa);
    return block.frames.base() + arch::nospec_index(ipa - block.base, block.frames.range().size);
}

/// @return null if the granule is populated; Error::Busy while another CPU populates it
Result<Ram::Claim*> Ram::claim(const memory::Stage2& stage2, Ipa base) {
    const Guard guard(lock_);
    Claim* free = nullptr;
    for (Claim& claim : claims_) {
        if (!claim.taken) {
            free = &claim;
        } else if (claim.base == base) {
            return fail(Error::Busy);
        }
    }
    // Looked up only now: who populated it has mapped it before it took its claim back.
    if (stage2.lookup(base)) {
        return nullptr;
    }
    ASSERT(free != nullptr); // a CPU has one at most
    *free = {base, true};
    populated_ = true;
    return free;
}

Result<void> Ram::populate(memory::Stage2& stage2, Ipa ipa) {
    if (!contains(ipa)) {
        return fail(Error::OutOfRange);
    }
    const Ipa base = ipa.align_down(granule);
    Claim* const mine = TRY(claim(stage2, base));
    if (mine == nullptr) { // another vCPU has populated it
        return {};
    }
    const Pa frame = frame_behind(base);
    memory::scrub({frame, granule}); // not under the lock: the VM's other vCPUs go on meanwhile
    const Result<void> mapped = stage2.map({base, granule}, frame, memory::Access::ReadWriteExecute);
    const Guard guard(lock_);
    mine->taken = false;
    return mapped;
}

bool Ram::clean_step(const memory::Stage2& stage2, u64& done) {
    if (!populated_) { // by a guest: the first one starts
        const Guard guard(lock_);
        populated_ = adopted_;
        return false;
    }
    u64 before = 0; // bytes of the blocks before this one
    unsigned cleaned = 0;
    for (unsigned i = 0; i < count_; ++i) {
        const IpaRange range = blocks_[i].range();
        while (done - before < range.size && cleaned < clean_granules) {
            const Ipa ipa = range.base + (done - before);
            const u64 bytes = std::min(granule, range.end() - ipa);
            if (stage2.lookup(ipa)) {
                arch::clean_and_invalidate(memory::direct_map(frame_behind(ipa)), bytes);
                ++cleaned;
            }
            done += bytes;
        }
        if (cleaned == clean_granules) {
            return true;
        }
        before += range.size;
        done = std::max(done, before);
    }
    return false;
}

Result<bool> Ram::give_back_step(const memory::Stage2& stage2) {
    if (adopted_) {
        return scrub_step();
    }
    bool scrubbed = false;
    for (unsigned granules = 0; count_ != 0 && !scrubbed && granules < untouched_granules; ++granules) {
        Block& block = blocks_[count_ - 1];
        // The last block goes first, from its start.
        scrubbed = stage2.lookup(block.base).has_value();
        if (TRY(block.frames.give_back(granule, scrubbed ? memory::Contents::Used : memory::Contents::Untouched))) {
            --count_;
        } else {
            block.base += granule;
        }
    }
    return count_ == 0;
}

Result<bool> Ram::scrub_step() {
    if (count_ == 0) {
        return true;
    }
    memory::Frames& frames = blocks_[count_ - 1].frames;
    if (frames.has_pinned()) {
        return fail(Error::Busy);
    }
    const PaRange range = frames.range();
    const u64 bytes = std::min(granule, range.size - scrubbed_);
    memory::scrub({range.base + scrubbed_, bytes});
    scrubbed_ += bytes;
    if (scrubbed_ == range.size) {
        (void)frames.release();
        scrubbed_ = 0;
        --count_;
    }
    return count_ == 0;
}

} // namespace trv::guest

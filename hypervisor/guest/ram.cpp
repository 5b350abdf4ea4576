// SPDX-License-Identifier: Apache-2.0
#include "guest/ram.hpp"

#include "arch/cache.hpp"
#include "arch/nospec.hpp"
#include "memory/direct_map.hpp"

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
    for (unsigned i = 0; !populated_ && i < count_; ++i) {
        (void)blocks_[i].give_back(blocks_[i].range().size, memory::Contents::Untouched);
    }
}

Result<void> Ram::allocate(memory::FramePool& pool, u64 size, memory::FrameOwner owner) {
    if (size == 0 || !is_aligned(size, granule)) {
        return fail(Error::Invalid);
    }
    while (size_ < size) {
        if (count_ == max_blocks) {
            return fail(Error::NoMemory);
        }
        memory::Frames block = TRY(pool.allocate_largest(order_within(size - size_), granule_order, owner));
        size_ += block.range().size;
        blocks_[count_++] = std::move(block);
    }
    return {};
}

u64 Ram::bytes_before(unsigned block) const {
    u64 bytes = 0;
    for (unsigned i = 0; i < block; ++i) {
        bytes += blocks_[i].range().size;
    }
    return bytes;
}

Pa Ram::frame_behind(Ipa ipa) const {
    u64 offset = arch::nospec_index(ipa - ram_base, size_); // range() contains it
    unsigned i = 0;
    while (offset >= blocks_[i].range().size) {
        offset -= blocks_[i++].range().size;
    }
    return blocks_[i].base() + offset;
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
    if (!range().contains(ipa)) {
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

bool Ram::clean_step(const memory::Stage2& stage2, u64& done) const {
    for (unsigned cleaned = 0; done < size_ && cleaned < clean_granules; done += granule) {
        const Ipa ipa = ram_base + done;
        if (stage2.lookup(ipa)) {
            arch::clean_and_invalidate(memory::direct_map(frame_behind(ipa)), granule);
            ++cleaned;
        }
    }
    return done < size_;
}

Result<bool> Ram::give_back_step(const memory::Stage2& stage2) {
    bool scrubbed = false;
    for (unsigned granules = 0; count_ != 0 && !scrubbed && granules < untouched_granules; ++granules) {
        memory::Frames& block = blocks_[count_ - 1];
        const u64 left = block.range().size; // the last block goes first, from its start
        scrubbed = stage2.lookup(ram_base + (size_ - left)).has_value();
        if (TRY(block.give_back(granule, scrubbed ? memory::Contents::Used : memory::Contents::Untouched))) {
            size_ = bytes_before(--count_);
        }
    }
    return count_ == 0;
}

} // namespace trv::guest

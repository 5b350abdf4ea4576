#include "vm/guest_ram.hpp"

#include "arch/cache.hpp"
#include "arch/nospec.hpp"
#include "memory/direct_map.hpp"

#include <algorithm>
#include <bit>

namespace trv::vm {
namespace {

constexpr unsigned granule_order = memory::order_for(GuestRam::granule);

constexpr unsigned clean_granules = 4; ///< in one step: 8 MiB, line by line

constexpr unsigned give_back_granules = 8; ///< in one step: a few milliseconds of scrubbing

/// The largest order whose block is no larger than `bytes`.
unsigned order_within(u64 bytes) {
    const unsigned order = static_cast<unsigned>(std::bit_width(bytes / page_size)) - 1;
    return std::min(order, memory::FramePool::max_order);
}

} // namespace

GuestRam::~GuestRam() {
    // A VM that could not be completed: scrubbing all its memory at once would take long, and no guest has used it.
    for (unsigned i = 0; !populated_ && i < count_; ++i) {
        (void)blocks_[i].give_back(blocks_[i].range().size, memory::Contents::Untouched);
    }
}

Result<void> GuestRam::allocate(memory::FramePool& pool, u64 size, memory::FrameOwner owner) {
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

u64 GuestRam::bytes_before(unsigned block) const {
    u64 bytes = 0;
    for (unsigned i = 0; i < block; ++i) {
        bytes += blocks_[i].range().size;
    }
    return bytes;
}

Pa GuestRam::frame_behind(Ipa ipa) const {
    u64 offset = arch::nospec_index(ipa - guest_ram_base, size_); // range() contains it
    unsigned i = 0;
    while (offset >= blocks_[i].range().size) {
        offset -= blocks_[i++].range().size;
    }
    return blocks_[i].base() + offset;
}

Result<void> GuestRam::populate(memory::Stage2& stage2, Ipa ipa) {
    if (!range().contains(ipa)) {
        return fail(Error::OutOfRange);
    }
    const Ipa base = ipa.align_down(granule);
    const Guard guard(lock_);
    if (stage2.lookup(base)) { // another vCPU was faster
        return {};
    }
    const Pa frame = frame_behind(base);
    populated_ = true;
    memory::scrub({frame, granule});
    return stage2.map({base, granule}, frame, memory::Access::ReadWriteExecute);
}

bool GuestRam::clean_step(const memory::Stage2& stage2, u64& done) const {
    for (unsigned cleaned = 0; done < size_ && cleaned < clean_granules; done += granule) {
        const Ipa ipa = guest_ram_base + done;
        if (stage2.lookup(ipa)) {
            arch::clean_and_invalidate(memory::direct_map(frame_behind(ipa)), granule);
            ++cleaned;
        }
    }
    return done < size_;
}

Result<bool> GuestRam::give_back_step(const memory::Stage2& stage2) {
    for (unsigned granules = 0; count_ != 0 && granules < give_back_granules; ++granules) {
        memory::Frames& block = blocks_[count_ - 1];
        const u64 left = block.range().size; // the last block goes first, from its start
        const bool untouched = !stage2.lookup(guest_ram_base + (size_ - left));
        if (TRY(block.give_back(granule, untouched ? memory::Contents::Untouched : memory::Contents::Used))) {
            size_ = bytes_before(--count_);
        }
    }
    return count_ == 0;
}

} // namespace trv::vm

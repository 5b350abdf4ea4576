#include "vm/guest_ram.hpp"

#include <algorithm>
#include <bit>

namespace trv::vm {
namespace {

constexpr unsigned granule_order = memory::order_for(GuestRam::granule);

/// The largest order whose block is no larger than `bytes`.
unsigned order_within(u64 bytes) {
    const unsigned order = static_cast<unsigned>(std::bit_width(bytes / page_size)) - 1;
    return std::min(order, memory::FramePool::max_order);
}

} // namespace

Result<GuestRam> GuestRam::create(memory::FramePool& pool, u64 size, memory::FrameOwner owner) {
    if (size == 0 || !is_aligned(size, granule)) {
        return fail(Error::Invalid);
    }
    GuestRam ram;
    while (ram.size_ < size) {
        if (ram.count_ == max_blocks) {
            return fail(Error::NoMemory);
        }
        memory::Frames block = TRY(pool.allocate_largest(order_within(size - ram.size_), granule_order, owner));
        ram.size_ += block.range().size;
        ram.blocks_[ram.count_++] = std::move(block);
    }
    return ram;
}

Result<void> GuestRam::map_into(memory::Stage2& stage2) const {
    Ipa ipa = guest_ram_base;
    for (unsigned i = 0; i < count_; ++i) {
        const PaRange block = blocks_[i].range();
        TRY(stage2.map({ipa, block.size}, block.base, memory::Access::ReadWriteExecute));
        ipa += block.size;
    }
    return {};
}

bool GuestRam::scrub_step(u64 max_bytes) {
    while (scrub_block_ < count_ && max_bytes != 0) {
        const PaRange block = blocks_[scrub_block_].range();
        const u64 bytes = std::min(max_bytes, block.size - scrubbed_);
        memory::scrub({block.base + scrubbed_, bytes});
        scrubbed_ += bytes;
        max_bytes -= bytes;
        if (scrubbed_ == block.size) {
            ++scrub_block_;
            scrubbed_ = 0;
        }
    }
    return scrub_block_ == count_;
}

Result<bool> GuestRam::give_back_step(u64 max_bytes) {
    if (count_ == 0) {
        return true;
    }
    if (TRY(blocks_[count_ - 1].give_back(max_bytes))) {
        --count_;
    }
    return count_ == 0;
}

} // namespace trv::vm

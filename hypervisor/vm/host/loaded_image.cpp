// SPDX-License-Identifier: Apache-2.0
#include "vm/host/loaded_image.hpp"

#include "memory/physical/direct_map.hpp"

#include <algorithm>
#include <bit>

namespace trv::vm {

Result<LoadedImage> LoadedImage::create(u64 size) {
    LoadedImage image;
    image.blocks_ = TRY(HeapArray<memory::Frames>::create((size + least_block - 1) / least_block));
    image.size_ = size;
    return image;
}

Result<memory::Frames> LoadedImage::next_block(memory::FramePool& pool, memory::FrameOwner owner) const {
    const u64 left = size_ - room_;
    const unsigned least = memory::order_for(std::min(left, least_block));
    const unsigned within = static_cast<unsigned>(std::bit_width(left / page_size | 1)) - 1;
    const unsigned most = std::min(within, memory::order_for(largest_block));
    for (unsigned order = std::max(most, least) + 1; order-- > least;) {
        if (!pool.can_spare(u64{1} << order)) {
            continue;
        }
        Result<memory::Frames> block = pool.allocate(order, owner);
        if (block) {
            return block;
        }
    }
    return fail(Error::NoMemory);
}

Result<void> LoadedImage::make_room(memory::FramePool& pool, memory::FrameOwner owner, u64 bytes) {
    while (room_ < loaded_ + bytes) {
        memory::Frames block = TRY(next_block(pool, owner));
        room_ = std::min(size_, room_ + block.range().size);
        blocks_[count_++] = std::move(block);
    }
    return {};
}

PaRange LoadedImage::rest_of_block(u64 position) const {
    std::size_t block = 0;
    for (u64 size; position >= (size = blocks_[block].range().size); ++block) {
        position -= size;
    }
    const PaRange range = blocks_[block].range();
    return {range.base + position, range.size - position};
}

std::span<u8> LoadedImage::next_room() const {
    if (loaded_ == room_) {
        return {};
    }
    const PaRange rest = rest_of_block(loaded_);
    return {memory::direct_map<u8>(rest.base), std::min(rest.size, room_ - loaded_)};
}

LoadedImage::Piece LoadedImage::at(u64 position) const {
    const PaRange rest = rest_of_block(position);
    return {rest.base, std::min(rest.size, loaded_ - position)};
}

bool LoadedImage::give_back_step() {
    loaded_ = room_ = size_ = 0;
    if (count_ != 0) {
        memory::Frames& block = blocks_[count_ - 1];
        count_ -= block.give_back(scrubbed_at_once).value_or(true) ? 1 : 0; // nothing pins them
    }
    return count_ == 0;
}

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#include "vm/loaded_image.hpp"

#include "memory/direct_map.hpp"

#include <algorithm>

namespace trv::vm {

Result<LoadedImage> LoadedImage::create(u64 size) {
    LoadedImage image;
    image.blocks_ = TRY(HeapArray<memory::Frames>::create((size + block_bytes - 1) / block_bytes));
    image.size_ = size;
    return image;
}

Result<std::span<u8>> LoadedImage::next_room(memory::FramePool& pool, memory::FrameOwner owner) {
    if (loaded_ == size_) {
        return std::span<u8>();
    }
    memory::Frames& block = blocks_[loaded_ / block_bytes];
    const u64 begin = loaded_ / block_bytes * block_bytes;
    const u64 bytes = std::min(block_bytes, size_ - begin);
    if (!block) {
        if (!pool.can_spare(bytes / page_size)) {
            return fail(Error::NoMemory);
        }
        block = TRY(pool.allocate(memory::order_for(bytes), owner));
    }
    const u64 offset = loaded_ - begin;
    return std::span(memory::direct_map<u8>(block.base() + offset), bytes - offset);
}

LoadedImage::Piece LoadedImage::at(u64 position) const {
    const u64 offset = position % block_bytes;
    return {blocks_[position / block_bytes].base() + offset, std::min(block_bytes - offset, loaded_ - position)};
}

bool LoadedImage::give_back_step() {
    loaded_ = 0;
    for (memory::Frames& block : blocks_) {
        if (block) {
            block = {}; // scrubs it
            return false;
        }
    }
    size_ = 0;
    return true;
}

} // namespace trv::vm

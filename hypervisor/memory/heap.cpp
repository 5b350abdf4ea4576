// SPDX-License-Identifier: Apache-2.0
#include "memory/heap.hpp"

#include "lib/checked.hpp"
#include "memory/physical/direct_map.hpp"

#include <algorithm>
#include <iterator>

namespace trv::memory {

void* Heap::allocate(std::size_t size, std::size_t alignment) {
    if (pool_ == nullptr || alignment > page_size || size > block_size(FramePool::max_order)) {
        return nullptr;
    }
    // Objects of a class are at multiples of its size, so rounding the size up gives any alignment up to a slab's.
    const std::size_t needed = std::max(size, alignment);
    if (needed > largest_small || alignment > slab_alignment) {
        return allocate_large(std::max(size, std::size_t{1}));
    }
    const u16* const found = std::ranges::lower_bound(class_sizes, needed);
    return allocate_small(static_cast<unsigned>(found - std::begin(class_sizes)));
}

void Heap::free(void* memory) {
    if (memory == nullptr) {
        return;
    }
    // A slab's header occupies the beginning of the frame, so no small object is there.
    if (physical_address(memory).is_aligned(page_size)) {
        free_large(memory);
    } else {
        free_small(memory);
    }
}

u64 Heap::objects() {
    const Guard guard(lock_);
    return objects_;
}

Heap::Slab* Heap::new_slab(unsigned size_class) {
    Result<Frames> frames = pool_->allocate(0, FrameOwner::Hypervisor);
    if (!frames) {
        return nullptr;
    }
    Slab* const slab = new (direct_map<void>(frames->release().base)) Slab;
    slab->size_class = static_cast<u16>(size_class);
    return slab;
}

void* Heap::take_object(Slab& slab) {
    ++slab.used;
    if (slab.freed != nullptr) {
        void* const object = slab.freed;
        slab.freed = *static_cast<void**>(object);
        return object;
    }
    std::byte* const objects = reinterpret_cast<std::byte*>(&slab) + sizeof(Slab);
    return objects + std::size_t{slab.fresh++} * class_sizes[slab.size_class];
}

void* Heap::allocate_small(unsigned size_class) {
    const Guard guard(lock_);
    auto& partial = partial_[size_class];
    Slab* slab = partial.front();
    if (slab == nullptr) {
        slab = new_slab(size_class);
        if (slab == nullptr) {
            return nullptr;
        }
        partial.push_front(*slab);
    }
    void* const object = take_object(*slab);
    if (slab->used == slab->capacity()) {
        partial.remove(*slab);
    }
    ++objects_;
    return object;
}

void Heap::free_small(void* memory) {
    const Pa frame = physical_address(memory).align_down(page_size);
    {
        const Guard guard(lock_);
        Slab* const slab = direct_map<Slab>(frame);
        ASSERT(slab->used > 0);
        auto& partial = partial_[slab->size_class];
        if (slab->used == slab->capacity()) {
            partial.push_front(*slab);
        }
        *static_cast<void**>(memory) = slab->freed;
        slab->freed = memory;
        --slab->used;
        --objects_;
        if (slab->used != 0) {
            return;
        }
        partial.remove(*slab);
    }
    MUST(pool_->give_back({frame, page_size}, FrameOwner::Hypervisor));
}

void* Heap::allocate_large(std::size_t size) {
    Result<Frames> frames = pool_->allocate(order_for(size), FrameOwner::Hypervisor);
    if (!frames) {
        return nullptr;
    }
    const Guard guard(lock_);
    ++objects_;
    return direct_map<void>(frames->release().base);
}

void Heap::free_large(void* memory) {
    const Pa block = physical_address(memory);
    {
        const Guard guard(lock_);
        --objects_;
    }
    MUST(pool_->give_back({block, block_size(pool_->table().order_of_block(block))}, FrameOwner::Hypervisor));
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory for the hypervisor's objects. Small ones share a frame with others of their size class; large ones have a
// block of frames. A frame goes back to the pool as soon as its last object is freed, so that a VM's end returns all
// the memory that the VM took.

#include "lib/list.hpp"
#include "lib/unique.hpp"
#include "memory/physical/frame_pool.hpp"
#include "sync/spinlock.hpp"

#include <new>
#include <utility>

namespace trv::memory {

class Heap {
  public:
    constexpr Heap() = default;
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    /// Context: boot, before the first allocation.
    void start(FramePool& pool) { pool_ = &pool; }

    /// @param size      bytes, at most 1 GiB
    /// @param alignment a power of two, at most 4096
    /// @return null if out of memory (or before start())
    [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment) EXCLUDES(lock_);

    /// @param memory from allocate(), or null
    void free(void* memory) EXCLUDES(lock_);

    /// The number of live objects, for leak checks.
    [[nodiscard]] u64 objects() EXCLUDES(lock_);

    /// Object sizes; each a multiple of 64 from the second on, chosen so that a frame minus its slab head divides well.
    static constexpr u16 class_sizes[] = {32, 64, 128, 192, 256, 384, 512, 640, 960, 1344, 1984};
    static constexpr std::size_t largest_small = 1984;
    static constexpr std::size_t slab_alignment = 64;

  private:
    static constexpr unsigned classes = sizeof(class_sizes) / sizeof(class_sizes[0]);

    /// The header at the beginning of a frame; objects follow.
    struct alignas(slab_alignment) Slab {
        ListNode<Slab> node;
        void* freed = nullptr; ///< freed objects, each pointing to the next
        u16 size_class = 0;
        u16 fresh = 0; ///< objects from this index on were never allocated
        u16 used = 0;
        [[nodiscard]] u16 capacity() const {
            return static_cast<u16>((page_size - sizeof(Slab)) / class_sizes[size_class]);
        }
    };
    static_assert(sizeof(Slab) == slab_alignment);

    [[nodiscard]] void* allocate_small(unsigned size_class) EXCLUDES(lock_);
    [[nodiscard]] void* allocate_large(std::size_t size) EXCLUDES(lock_);
    void free_small(void* memory) EXCLUDES(lock_);
    void free_large(void* memory) EXCLUDES(lock_);
    [[nodiscard]] Slab* new_slab(unsigned size_class);
    [[nodiscard]] static void* take_object(Slab& slab);

    FramePool* pool_ = nullptr;
    SpinLock lock_;
    List<Slab, &Slab::node> partial_[classes] GUARDED_BY(lock_); ///< slabs with room; full ones are in no list
    u64 objects_ GUARDED_BY(lock_) = 0;
};

/// Constructs a T on the heap.
/// @return Error::NoMemory
template <typename T, typename... Arguments>
[[nodiscard]] Result<Unique<T>> make(Arguments&&... arguments) {
    T* const object = new (std::nothrow) T(std::forward<Arguments>(arguments)...);
    if (object == nullptr) {
        return fail(Error::NoMemory);
    }
    return Unique<T>(object);
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest memory that is registered with OP-TEE, or about to be: buffers by cookie, windows into large ones, and the
// quotas for both.
//
// Cookies. A guest's cookies are keys of a table, and are not passed on. OP-TEE gets the mediator's cookies: never 0,
// never repeated, and never shown to a guest. Their low 16 bits are the record's index.
//
// Access to records: a call that holds a use may read an Active one; a Filling or Releasing one belongs to one call
// slot. All other access is under the lock.

#include "memory/frame_table.hpp"
#include "sync/spinlock.hpp"
#include "tee/optee/config.hpp"
#include "tee/optee/guest/page_list_walk.hpp"
#include "tee/optee/message/shadow_list.hpp"
#include "tee/optee/shared_memory/buffer.hpp"
#include "tee/optee/shared_memory/index_table.hpp"
#include "tee/optee/shared_memory/map_budget.hpp"
#include "tee/optee/statistics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <expected>
#include <span>

namespace trv::tee::optee {

template <typename T>
using Checked = std::expected<T, Refusal>;

/// One memory reference of a call, resolved; holds a use of its buffer and window until drop().
struct Memref {
    u32 buffer;
    u32 window; ///< SharedMemory::none if the buffer is registered as a whole
    u32 first;  ///< first page of the required window in the buffer
    u32 pages;
    u64 offset; ///< from there, in bytes, as passed to OP-TEE
    u64 size;
};

class SharedMemory {
  public:
    static constexpr u32 none = ~u32{0};
    static constexpr u32 max_rpc_buffers = 64;
    static constexpr u32 max_windows = 4 * max_threads;
    /// Of all windows, unless calls use more: each page takes eight bytes of OP-TEE's heap.
    static constexpr u32 most_window_pages = 4 * ShadowList::max_pages;
    static_assert(MapBudget::max_placed >= max_rpc_buffers + 2 * max_threads);
    /// The largest part registered with OP-TEE, so that no single mapping in its core exceeds 4 MiB.
    static constexpr u32 largest_piece = ShadowList::max_pages;

    SharedMemory() = default;
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    /// Allocates all memory for all quotas. Error::NoMemory, Error::Invalid
    [[nodiscard]] Result<void> create(memory::FrameTable& frames, const Quotas& quotas);

    // Creating a buffer.

    /// @return the record, Filling; Refusal::PinQuota, BufferQuota, MapBudget
    [[nodiscard]] Checked<u32> begin(BufferKind kind, const BufferExtent& extent, u64 guest_cookie) EXCLUDES(lock_);
    /// Takes over the pin.
    void append(u32 buffer, Pa page) EXCLUDES(lock_);
    /// Whether it is to be registered with OP-TEE as a whole.
    [[nodiscard]] bool is_whole(u32 buffer) const { return buffers_[buffer].pages <= largest_piece; }
    /// Registration is complete, or not needed: the buffer becomes Active. Retires another buffer with the same cookie.
    void commit(u32 buffer, bool known) EXCLUDES(lock_);
    /// Registration failed; continue with release_step().
    void abandon(u32 buffer) EXCLUDES(lock_);
    /// Registration is complete, but its driver is gone.
    void commit_retired(u32 buffer) EXCLUDES(lock_);

    // Using a buffer.

    /// What OP-TEE's core may have to map for a reference; 0 if it means nothing.
    [[nodiscard]] u32 pages_to_map(u64 guest_cookie, u64 offset, u64 size) const EXCLUDES(lock_);
    /// For an argument in registered memory. @return the record; Refusal::UnknownCookie
    [[nodiscard]] Checked<u32> use(u64 guest_cookie) EXCLUDES(lock_);
    /// @param joins whether it is the call's first reference
    /// @return Refusal::UnknownCookie, BadMessage (beyond the buffer), MapBudget
    [[nodiscard]] Checked<Memref> use(u64 guest_cookie, u64 offset, u64 size, bool joins) EXCLUDES(lock_);
    /// Drops a call's uses.
    /// @param bits     which of the references
    /// @param argument the record its argument is in, or none
    void drop(std::span<const Memref> memrefs, u32 bits, u32 argument) EXCLUDES(lock_);
    /// Whether the reference still lacks its window.
    [[nodiscard]] bool needs_window(const Memref& memref) const {
        return memref.window == none && !is_whole(memref.buffer);
    }

    // Windows.

    enum class WindowStep : u8 { Ready, Register, Evict };
    struct WindowTask {
        WindowStep step;
        u32 window;
    };
    /// Finds or creates the window of a reference; if it is Ready or to be registered, the reference holds a use of it.
    /// @return the slot's next action; Refusal::MapBudget
    [[nodiscard]] Checked<WindowTask> want_window(Memref& memref) EXCLUDES(lock_);
    /// The window that was not used for the longest time, of those that no call uses: it is for OP-TEE to forget.
    /// @return none if there is none
    [[nodiscard]] u32 take_idle_window() EXCLUDES(lock_);
    [[nodiscard]] bool has_idle_window() const EXCLUDES(lock_);
    void window_registered(u32 window) EXCLUDES(lock_);
    /// OP-TEE refused the window: the reference has none again.
    void window_refused(Memref& memref) EXCLUDES(lock_);
    void window_unregistered(u32 window, bool success) EXCLUDES(lock_);

    // Removing a buffer.

    /// UNREGISTER_SHM: removes the cookie. @return the record, Releasing; Refusal::UnknownCookie
    [[nodiscard]] Checked<u32> detach(u64 guest_cookie) EXCLUDES(lock_);
    /// Relaxed: a call that misses a concurrent change leaves it to the next call.
    [[nodiscard]] bool has_retired() const { return retired_buffers_.load(std::memory_order_relaxed) != 0; }
    /// A retired buffer that is not in use any more, now Releasing; or none.
    [[nodiscard]] u32 take_retired() EXCLUDES(lock_);
    /// The next part of a Releasing buffer to unregister with OP-TEE.
    struct Forgetting {
        u64 tee_cookie; ///< 0: nothing
        u32 window;     ///< none: the whole buffer
    };
    [[nodiscard]] Forgetting next_to_forget(u32 buffer) EXCLUDES(lock_);
    void forgotten(u32 buffer, bool success) EXCLUDES(lock_);
    /// Whether the pins may be dropped. If not, the buffer is retired or stuck, and no longer the caller's.
    [[nodiscard]] bool may_release(u32 buffer) EXCLUDES(lock_);
    /// Unpins up to `most` pages, and removes them from the buffer. @return whether the record is free
    [[nodiscard]] bool release_step(u32 buffer, u32& most) EXCLUDES(lock_);
    /// A new driver has started: retires its predecessor's buffers.
    void retire_all() EXCLUDES(lock_);
    /// After OP-TEE's partition is destroyed: unpins the next part of all buffers. @return whether all is unpinned
    [[nodiscard]] bool destroy_step(u32 most) EXCLUDES(lock_);

    // Buffers from RPCs.

    struct RpcBuffer {
        u32 buffer;
        u64 guest_cookie;
        bool orphan;
    };
    /// OP-TEE frees a buffer. @return the record, Releasing
    [[nodiscard]] Checked<RpcBuffer> detach_rpc(u64 tee_cookie) EXCLUDES(lock_);
    struct GuestReference {
        u64 cookie;
        u64 offset; ///< to be added
    };
    /// The guest's cookie of a buffer that OP-TEE refers to.
    [[nodiscard]] Checked<GuestReference> guest_name(u64 tee_cookie) const EXCLUDES(lock_);

    // For a slot that holds the record.

    [[nodiscard]] u64 tee_cookie(u32 buffer) const { return buffers_[buffer].tee_cookie; }
    [[nodiscard]] u32 offset(u32 buffer) const { return buffers_[buffer].offset; }
    [[nodiscard]] u64 bytes(u32 buffer) const { return buffers_[buffer].bytes(); }
    [[nodiscard]] Pa page(u32 buffer, u32 index) const { return buffers_[buffer].runs.page(chunks_, index); }
    [[nodiscard]] const Window& window(u32 window) const { return windows_[window]; }
    /// The list of a window's pages.
    void write_list(u32 window, const ShadowList& list) const;

    // What OP-TEE's core maps beside buffers that are referred to.

    /// It has mapped the buffer that answered its request, or will not.
    void settle(u32 buffer) EXCLUDES(lock_);
    /// It is about to read a list, a page at a time.
    /// @param memrefs which the call has that comes after it; @param bits which of them are valid
    /// @return for end_list(), or none if there is no room
    [[nodiscard]] u32 begin_list(std::span<const Memref> memrefs, u32 bits) EXCLUDES(lock_);
    void end_list(u32 block) EXCLUDES(lock_);

    /// Whether an application of usual size could be loaded now: storage is looked into, then it is fetched.
    [[nodiscard]] bool could_load() const EXCLUDES(lock_);

    void report(Usage& usage) const EXCLUDES(lock_);

  private:
    static constexpr u64 window_bit = 0x8000;
    static constexpr u64 place_mask = 0xffff;
    static_assert(Quotas::most_buffers + max_rpc_buffers < window_bit);

    [[nodiscard]] u64 new_cookie(u64 place) REQUIRES(lock_) { return ++last_cookie_ << 16 | place; }
    [[nodiscard]] Checked<void> check_quotas(BufferKind kind, u32 pages) const REQUIRES(lock_);
    void retire(u32 buffer) REQUIRES(lock_);
    void drop(const Memref& memref) REQUIRES(lock_);
    [[nodiscard]] Checked<u32> find(u64 guest_cookie) const REQUIRES(lock_);
    void free_record(u32 buffer) REQUIRES(lock_);
    [[nodiscard]] Checked<void> map(u32 pages) REQUIRES(lock_);
    [[nodiscard]] Memref locate(u32 buffer, u64 offset, u64 size) const;
    [[nodiscard]] Checked<Memref> refer(u64 guest_cookie, u64 offset, u64 size) REQUIRES(lock_);
    [[nodiscard]] u32 find_window(const Memref& memref) const REQUIRES(lock_);
    [[nodiscard]] IdleBlocks idle_blocks(std::span<const Memref> memrefs, u32 bits) const REQUIRES(lock_);
    [[nodiscard]] u32 free_window() const REQUIRES(lock_);
    [[nodiscard]] u32 idle_window() const REQUIRES(lock_);
    [[nodiscard]] bool is_crowded(u32 more_pages) const REQUIRES(lock_);
    void use_window(u32 window) REQUIRES(lock_);

    memory::FrameTable* frames_ = nullptr;
    Quotas quotas_;
    mutable SpinLock lock_;
    HeapArray<Buffer> buffers_;
    ChunkPool chunks_;
    std::array<Window, max_windows> windows_{};
    IndexTable by_cookie_ GUARDED_BY(lock_);
    u32 free_ GUARDED_BY(lock_) = none;
    u32 retired_ GUARDED_BY(lock_) = none;
    std::atomic<u32> retired_buffers_ = 0; ///< in that list; changes under the lock
    u64 last_cookie_ GUARDED_BY(lock_) = 0;
    u64 last_use_ GUARDED_BY(lock_) = 0;
    u32 pinned_pages_ GUARDED_BY(lock_) = 0;
    MapBudget budget_ GUARDED_BY(lock_);
    u32 registered_ GUARDED_BY(lock_) = 0;
    u32 rpc_buffers_ GUARDED_BY(lock_) = 0;
    u32 destroyed_ = 0; ///< records that destroy_step() has finished
};

} // namespace trv::tee::optee

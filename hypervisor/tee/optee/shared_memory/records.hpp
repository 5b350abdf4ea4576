// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest memory that is registered with OP-TEE, or about to be, as data: buffers, windows into large ones, and what of
// the quotas they use.
//
// Cookies. A guest's cookies are keys of a table, and are not passed on. OP-TEE gets the mediator's cookies: never 0,
// never repeated, and never shown to a guest. Their low 16 bits are the record's index.
//
// Access to records: a call that holds a use may read an Active one; a Filling or Releasing one belongs to one call
// slot. All other access is under the lock.

#include "memory/physical/frame_table.hpp"
#include "sync/spinlock.hpp"
#include "tee/optee/config.hpp"
#include "tee/optee/message/shadow.hpp"
#include "tee/optee/shared_memory/index_table.hpp"
#include "tee/optee/shared_memory/map_budget.hpp"
#include "tee/optee/shared_memory/page_runs.hpp"
#include "tee/optee/statistics.hpp"

#include <array>
#include <atomic>
#include <expected>

namespace trv::tee::optee {

template <typename T>
using Checked = std::expected<T, Refusal>;

enum class BufferKind : u8 {
    Registered, ///< by the guest, with REGISTER_SHM
    Rpc,        ///< provided by the guest when OP-TEE requested memory
};

/// A buffer of the guest's memory, all of whose pages are pinned.
struct Buffer {
    enum class State : u8 {
        Free,
        Filling,   ///< a call slot collects its pages, and registers it with OP-TEE
        Active,    ///< found by its cookie
        Retired,   ///< has no cookie any more, and waits for its last use to end
        Releasing, ///< a call slot unregisters and unpins it
        Stuck,     ///< OP-TEE refused to unregister it: pinned until the VM's end
    };
    State state = State::Free;
    BufferKind kind = BufferKind::Registered;
    bool known = false;           ///< registered with OP-TEE as a whole
    bool orphan = false;          ///< registered by a former driver: its cookie means nothing to the guest
    bool lent = false;            ///< to another VM, since it was lent last: its end ends the loan
    u32 uses = 0;                 ///< calls whose argument is in it, and memory references to it
    u32 mapped_uses = 0;          ///< references that make OP-TEE's core map all of it
    u32 windows = 0;              ///< parts of it that are registered with OP-TEE, or about to be
    u32 placed = MapBudget::none; ///< of one that answers a request: its block
    u32 offset = 0;               ///< of the first byte in the first page
    u32 pages = 0;
    u64 guest_cookie = 0;
    u64 tee_cookie = 0; ///< 0 only in a free record
    PageRuns runs;
    u32 next = ~u32{0}; ///< in the list of free or of retired records

    /// The size in whole pages, up to which OP-TEE permits references [mobj_dyn_shm.c].
    [[nodiscard]] u64 bytes() const { return u64{pages} * page_size - offset; }
};

/// A part of a large buffer, registered with OP-TEE as a separate buffer.
struct Window {
    enum class State : u8 { Free, Registering, Active, Releasing, Stuck };
    State state = State::Free;
    u32 buffer = 0;
    u32 first = 0; ///< first page
    u32 pages = 0;
    u32 uses = 0;
    u64 tee_cookie = 0;
    u64 last_used = 0; ///< increases with each use
};

/// A reference of a call, resolved; it holds a use of its buffer and window until References::drop().
struct Memref {
    u32 buffer;
    u32 window; ///< Records::none if the buffer is registered as a whole
    u32 first;  ///< first page of the required window in the buffer
    u32 pages;
    u64 offset; ///< from there, in bytes, as passed to OP-TEE
    u64 size;
};

/// One VM's. SharedMemory owns it; its parts share it.
struct Records {
    static constexpr u32 none = ~u32{0};
    static constexpr u32 max_rpc_buffers = 64;
    static constexpr u32 max_windows = 4 * max_threads;
    static_assert(MapBudget::max_placed >= max_rpc_buffers + 2 * max_threads);
    /// The largest part registered with OP-TEE, so that no single mapping in its core exceeds 4 MiB.
    static constexpr u32 largest_piece = ShadowList::max_pages;
    static constexpr u64 window_bit = 0x8000;
    static constexpr u64 place_mask = 0xffff;
    static_assert(Quotas::most_buffers + max_rpc_buffers < window_bit);

    /// Whether it is to be registered with OP-TEE as a whole.
    [[nodiscard]] bool is_whole(u32 buffer) const { return buffers[buffer].pages <= largest_piece; }
    [[nodiscard]] u64 new_cookie(u64 place) REQUIRES(lock) { return ++last_cookie << 16 | place; }
    /// The buffer that the guest gave this name. @return Refusal::UnknownCookie
    [[nodiscard]] Checked<u32> find(u64 guest_cookie) const REQUIRES(lock);
    /// OP-TEE's core may have to map so much for a call. @return Refusal::MapBudget
    [[nodiscard]] Checked<void> map(u32 pages) REQUIRES(lock);
    /// The buffer, which has no cookie any more, waits for its last use to end.
    void retire(u32 buffer) REQUIRES(lock);

    memory::FrameTable* frames = nullptr;
    Quotas quotas;
    mutable SpinLock lock;
    HeapArray<Buffer> buffers;
    ChunkPool chunks;
    std::array<Window, max_windows> windows{};
    IndexTable by_cookie GUARDED_BY(lock);
    u32 free GUARDED_BY(lock) = none;
    u32 retired GUARDED_BY(lock) = none;
    std::atomic<u32> retired_buffers = 0; ///< in that list; changes under the lock
    u64 last_cookie GUARDED_BY(lock) = 0;
    u32 pinned_pages GUARDED_BY(lock) = 0;
    MapBudget budget GUARDED_BY(lock);
    u32 registered GUARDED_BY(lock) = 0;
    u32 rpc_buffers GUARDED_BY(lock) = 0;
};

inline Checked<u32> Records::find(u64 guest_cookie) const {
    const std::optional<u32> index = by_cookie.find(guest_cookie);
    if (guest_cookie == 0 || !index) {
        return std::unexpected(Refusal::UnknownCookie);
    }
    return *index;
}

inline Checked<void> Records::map(u32 pages) {
    if (pages > largest_piece || !budget.float_block(pages)) {
        return std::unexpected(Refusal::MapBudget);
    }
    return {};
}

inline void Records::retire(u32 index) {
    Buffer& buffer = buffers[index];
    buffer.state = Buffer::State::Retired;
    buffer.next = retired;
    retired = index;
    retired_buffers.fetch_add(1, std::memory_order_relaxed);
}

} // namespace trv::tee::optee

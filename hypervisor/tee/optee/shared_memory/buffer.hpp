// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tee/optee/shared_memory/map_budget.hpp"
#include "tee/optee/shared_memory/page_runs.hpp"

namespace trv::tee::optee {

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

} // namespace trv::tee::optee

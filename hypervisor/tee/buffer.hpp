#pragma once

#include "tee/map_budget.hpp"
#include "tee/page_runs.hpp"

namespace trv::tee {

enum class BufferKind : u8 {
    Registered, ///< by the guest, with REGISTER_SHM
    Rpc,        ///< given by the guest when OP-TEE asked for memory
};

/// A buffer of the guest's memory, all of whose pages are pinned.
struct Buffer {
    enum class State : u8 {
        Free,
        Filling,   ///< a call slot collects its pages, and tells OP-TEE
        Active,    ///< found by its cookie
        Retired,   ///< no cookie finds it any more; it waits for its last use to end
        Releasing, ///< a call slot unregisters and unpins it
        Stuck,     ///< OP-TEE would not let go: pinned until the tenant dies
    };
    State state = State::Free;
    BufferKind kind = BufferKind::Registered;
    bool known = false;           ///< OP-TEE has it as a whole
    bool orphan = false;          ///< from before a new driver began: its cookie means nothing to the guest
    u32 uses = 0;                 ///< calls whose argument lies in it, and memory references to it
    u32 mapped_uses = 0;          ///< references that make OP-TEE's core map the whole of it
    u32 windows = 0;              ///< parts of it that OP-TEE knows, or is being told of
    u32 placed = MapBudget::none; ///< of one that answers a request: its block
    u32 offset = 0;               ///< of the first byte in the first page
    u32 pages = 0;
    u64 guest_cookie = 0;
    u64 tee_cookie = 0; ///< never 0 but in a free record
    PageRuns runs;
    u32 next = ~u32{0}; ///< in the list of free or of retired ones

    /// Whole pages are what OP-TEE lets references reach [mobj_dyn_shm.c].
    [[nodiscard]] u64 bytes() const { return u64{pages} * page_size - offset; }
};

/// A part of a large buffer, as OP-TEE knows it: a buffer of its own.
struct Window {
    enum class State : u8 { Free, Registering, Active, Releasing, Stuck };
    State state = State::Free;
    u32 buffer = 0;
    u32 first = 0; ///< page
    u32 pages = 0;
    u32 uses = 0;
    u64 tee_cookie = 0;
    u64 last_used = 0; ///< in the order of uses
};

} // namespace trv::tee

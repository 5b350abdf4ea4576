// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a call goes on when it was away: with OP-TEE, with the guest, or interrupted in long work. Call::advance() is
// its way; docs/internals/mediator.md has the diagram of this table.

#include "lib/types.hpp"

#include <initializer_list>

namespace trv::tee::optee {

enum class Stage : u8 {
    // The way of every call, in this order.
    Locate,    ///< find the argument, and read its header
    Housekeep, ///< unregister retired buffers that are not in use any more
    Fetch,     ///< read and check the parameters
    Windows,   ///< register the parts of large buffers that the call refers to
    EnterMain, ///< send the guest's own message
    Returned,  ///< OP-TEE returned
    Complete,  ///< write the results to the guest
    Finish,    ///< the call has ended
    // Detours of a call that registers or unregisters memory.
    CollectRegister, ///< pin what REGISTER_SHM lists
    SendRegister,    ///< register it with OP-TEE
    EvictAll,        ///< OP-TEE lacks memory: make it forget all that no call uses
    Forget,          ///< unregister a buffer with OP-TEE
    Release,         ///< unpin it
    // Detours while OP-TEE's thread waits for a reply.
    DeliverRpc,    ///< deliver a request to the guest
    TakeRpcMemory, ///< the guest replied to the mediator's ALLOC
    ReadReply,     ///< the guest replied to a request
    ReadAlloc,     ///< the guest replied to SHM_ALLOC
    CollectAlloc,  ///< pin the memory in its reply
    ReleaseRpc,    ///< unpin memory that OP-TEE freed or did not get
    Reenter,       ///< re-enter OP-TEE, where the call continues
};

struct StageRow {
    Stage stage;
    bool needs_guest; ///< if the guest is gone, Peer::stand_in() handles the stage
    u32 next;         ///< a bit for each stage that may follow
};

namespace stages {

constexpr u32 to(std::initializer_list<Stage> next) {
    u32 bits = 0;
    for (const Stage stage : next) {
        bits |= 1U << static_cast<unsigned>(stage);
    }
    return bits;
}

using enum Stage;
inline constexpr bool guest = true;
inline constexpr bool any = false;

inline constexpr StageRow table[] = {
    {Locate, guest, to({Housekeep, Complete})},
    {Housekeep, guest, to({Fetch, Forget, Complete})},
    {Fetch, guest, to({Windows, EnterMain, CollectRegister, Forget, Complete})},
    {Windows, guest, to({EnterMain, Returned, Complete})},
    {EnterMain, any, to({Returned})},
    {Returned, any,
     to({Returned, Complete, Windows, EvictAll, SendRegister, Forget, Release, DeliverRpc, ReleaseRpc, Reenter})},
    {Complete, any, to({Finish})},
    {Finish, any, to({})},
    {CollectRegister, guest, to({SendRegister, Release, Complete})},
    {SendRegister, guest, to({Returned, Release})},
    {EvictAll, guest, to({Returned, EnterMain, Complete})},
    {Forget, any, to({Returned, Release, Fetch, Complete})},
    {Release, any, to({Housekeep, Complete})},
    {DeliverRpc, guest, to({TakeRpcMemory, ReadReply, ReadAlloc, Reenter})},
    {TakeRpcMemory, guest, to({DeliverRpc, Reenter})},
    {ReadReply, guest, to({Reenter})},
    {ReadAlloc, guest, to({CollectAlloc, DeliverRpc, Reenter})},
    {CollectAlloc, guest, to({ReleaseRpc, Reenter})},
    {ReleaseRpc, any, to({DeliverRpc, Reenter})},
    {Reenter, any, to({Returned})},
};

constexpr bool is_in_order() {
    unsigned place = 0;
    for (const StageRow& row : table) {
        if (static_cast<unsigned>(row.stage) != place++) {
            return false;
        }
    }
    return place == static_cast<unsigned>(Reenter) + 1;
}
static_assert(is_in_order());

} // namespace stages

[[nodiscard]] constexpr bool needs_guest(Stage stage) {
    return stages::table[static_cast<unsigned>(stage)].needs_guest;
}
[[nodiscard]] constexpr bool may_follow(Stage next, Stage stage) {
    return (stages::table[static_cast<unsigned>(stage)].next >> static_cast<unsigned>(next) & 1) != 0;
}

/// What a call needs of its driver.
enum class Next : u8 {
    Continue, ///< nothing: run it on
    Slice,    ///< the same, but look for interrupts first
    Foreign,  ///< OP-TEE returned for an interrupt
    ToGuest,  ///< deliver Call::to_guest
    Ended,    ///< it has ended
    // A call without a guest; see Peer.
    Waits,   ///< it waits for another thread
    Resists, ///< it does not end
};

} // namespace trv::tee::optee

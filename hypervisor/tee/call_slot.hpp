// SPDX-License-Identifier: Apache-2.0
#pragma once
// The state of one guest call from beginning to end, across interruptions. A VM has as many slots as OP-TEE has threads
// for it, so a slot corresponds to a thread.

#include "arch/smccc.hpp"
#include "memory/pin.hpp"
#include "tee/arena.hpp"
#include "tee/checked_message.hpp"
#include "tee/page_list_walk.hpp"
#include "tee/rpc_memory.hpp"
#include "tee/rpc_request.hpp"
#include "tee/shadow_list.hpp"
#include "tee/shadow_message.hpp"
#include "tee/shared_memory.hpp"
#include "tee/slot_word.hpp"

#include <array>

namespace trv::tee {

/// The next step of the call. In stages marked * the call may wait for the guest.
enum class Stage : u8 {
    Locate,          ///< find the argument, and read its header
    Housekeep,       ///< * unregister retired buffers that are not in use any more
    Fetch,           ///< read and check the parameters
    CollectRegister, ///< * pin what REGISTER_SHM lists
    SendRegister,    ///< tell OP-TEE of it
    Windows,         ///< register the parts of large buffers that the call refers to
    EvictAll,        ///< OP-TEE lacks memory: make it forget all that no call uses
    EnterMain,       ///< send the guest's own message
    Returned,        ///< OP-TEE returned
    DeliverRpc,      ///< deliver a request to the guest
    TakeRpcMemory,   ///< * the guest replied to the mediator's ALLOC
    ReadReply,       ///< * the guest replied to a request
    ReadAlloc,       ///< * the guest replied to SHM_ALLOC
    CollectAlloc,    ///< * pin the memory in its reply
    Reenter,         ///< * re-enter OP-TEE, where the call continues
    Forget,          ///< unregister the victim with OP-TEE
    Release,         ///< * unpin the victim
    Complete,        ///< write the results to the guest
    Finish,          ///< * the slot becomes free
};

/// What OP-TEE is doing for the slot.
enum class Work : u8 { Main, Register, Window, EvictWindow, Forget };

/// How the guest passed its argument. None: not a guest's call, or no call.
enum class Form : u8 { Arg, RpcArg, RegdArg, None };

struct CallRequest {
    Form form = Form::Arg;
    u64 place = 0;  ///< IPA, or the guest's cookie
    u32 offset = 0; ///< in the registered buffer
    u8 vcpu = 0;
    /// Remaining attempts at orphans and lost sessions: the end of one may let another continue.
    u16 tries_left = 2 * max_threads;
};

/// The buffer that is being filled, or released.
struct Victim {
    u32 buffer = SharedMemory::none;
    Stage next = Stage::Finish; ///< after its release
};

struct CallSlot {
    SlotWord word;
    u8 index = 0;
    ArenaSlot arena;

    // From here on only for the CPU that owns the slot.
    CallRequest request;
    Stage stage = Stage::Finish;
    Work work = Work::Main;
    bool suspended = false; ///< OP-TEE's thread is suspended, and waits for RETURN_FROM_RPC
    bool draining = false;  ///< its requests get errors, because its driver is gone; `next` follows it
    CallRequest next;
    u32 drain_rpcs = 0;
    u32 drain_waits = 0;
    u32 drain_interrupts = 0;
    u32 drain_attempts = 0;

    u32 thread = 0; ///< OP-TEE's number for it
    arch::SmcArguments entry;
    arch::SmcResult result{};
    std::array<u64, 4> resume{};       ///< a1, a2, a4, a5 of the next RETURN_FROM_RPC
    std::array<u64, 4> guest_answer{}; ///< the same registers, from the guest

    // The argument
    memory::Pin argument_pin;
    u32 argument_buffer = SharedMemory::none;
    GuestBlock argument;
    msg::Header header{}; ///< fetched once
    CheckedMessage message;
    u32 sent_params = 0; ///< of the message in the arena
    std::array<Memref, msg::most_params> memrefs{};
    u32 memref_bits = 0;           ///< params that are memory references
    u32 memref_pages = 0;          ///< of all of them
    u32 at_param = 0;              ///< the parameter that Windows handles
    bool session_reserved = false; ///< for the session that is being opened or closed
    bool fetched = false;          ///< OP-TEE asked for what it opens, or for something in secure storage, and got it
    bool traced = false;           ///< its beginning was traced

    // The answer
    u32 code = 0;
    u32 ret = 0;
    u32 ret_origin = 0;
    bool from_tee = false; ///< the arena has outputs

    // Buffers
    PageListWalk walk;
    Victim call_victim;
    Victim rpc_victim;
    u32 window = SharedMemory::none;     ///< being registered or unregistered
    Stage after_evict = Stage::Windows;  ///< when it has forgotten a window that was in the way
    u32 list_block = SharedMemory::none; ///< while OP-TEE reads a list
    u32 unsettled = SharedMemory::none;  ///< buffer that answered a request and that OP-TEE may still have to map
    bool waits_for_room = false;         ///< the call ends as if OP-TEE had no thread, to come again

    // RPC
    RpcRequest rpc;
    ShadowMessage rpc_shadow;
    RpcMemory rpc_memory;       ///< only for Form::Arg
    bool own_free = false;      ///< the current request is the mediator's, not OP-TEE's
    bool alloc_used = false;    ///< OP-TEE has requested an RPC argument, in the arena
    u64 alloc_cookie = 0;       ///< OP-TEE's cookie for it
    u64 alloc_guest_cookie = 0; ///< of the SHM_ALLOC whose reply is being handled

    /// The current request's victim while OP-TEE's thread is suspended: the call may have one as well.
    [[nodiscard]] Victim& victim() { return suspended ? rpc_victim : call_victim; }
    [[nodiscard]] ShadowMessage shadow() const { return ShadowMessage(arena.message()); }
    [[nodiscard]] ShadowList list() const { return ShadowList(arena.list()); }
    /// The guest's RPC argument; empty if the mediator must request one.
    [[nodiscard]] GuestBlock rpc_block() const {
        if (request.form == Form::Arg) {
            return rpc_memory.block;
        }
        return argument.behind(msg::size_of(header.num_params));
    }
};

} // namespace trv::tee

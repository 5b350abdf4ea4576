#pragma once
// One call of a guest's from beginning to end, whatever interrupts it. There are as many slots as OP-TEE has threads
// for a VM, so a slot is a thread there.

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

/// What is to be done next for the call. Stages marked * are those in which it may wait for the guest.
enum class Stage : u8 {
    Locate,          ///< find the argument, and read its header
    Housekeep,       ///< * unregister retired buffers that are not in use any more
    Fetch,           ///< read and check the parameters
    CollectRegister, ///< * pin what REGISTER_SHM lists
    SendRegister,    ///< tell OP-TEE of it
    Windows,         ///< make OP-TEE know the parts of large buffers that the call refers to
    EvictAll,        ///< OP-TEE lacks memory: make it forget all that no call uses
    EnterMain,       ///< send the guest's own message
    Returned,        ///< OP-TEE came back
    DeliverRpc,      ///< hand a request to the guest
    TakeRpcMemory,   ///< * the guest answered the mediator's ALLOC
    ReadReply,       ///< * the guest answered a request
    ReadAlloc,       ///< * the guest answered SHM_ALLOC
    CollectAlloc,    ///< * pin what it answered
    Reenter,         ///< * back into OP-TEE, where the call goes on
    Forget,          ///< tell OP-TEE to forget the victim
    Release,         ///< * unpin the victim
    Complete,        ///< results to the guest
    Finish,          ///< * the slot becomes free
};

/// What OP-TEE is doing for the slot.
enum class Work : u8 { Main, Register, Window, EvictWindow, Forget };

/// How the guest passed its argument. None: it is no call of the guest's, or there is none to come.
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
    Stage next = Stage::Finish; ///< when it is released
};

struct CallSlot {
    SlotWord word;
    u8 index = 0;
    ArenaSlot arena;

    // From here on only for the CPU that owns the slot.
    CallRequest request;
    Stage stage = Stage::Finish;
    Work work = Work::Main;
    bool suspended = false; ///< OP-TEE's thread waits to be resumed
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
    std::array<u64, 4> guest_answer{}; ///< the same, of the guest's

    // The argument
    memory::Pin argument_pin;
    u32 argument_buffer = SharedMemory::none;
    GuestBlock argument;
    msg::Header header{}; ///< as it was fetched, once
    CheckedMessage message;
    u32 sent_params = 0; ///< of the message that is in the arena
    std::array<Memref, msg::most_params> memrefs{};
    u32 memref_bits = 0;           ///< params that have one
    u32 memref_pages = 0;          ///< of all of them
    u32 at_param = 0;              ///< Windows is here
    bool session_reserved = false; ///< for the one that is being opened or closed
    bool fetched = false;          ///< OP-TEE asked for what it opens, or for something in secure storage, and got it
    bool traced = false;           ///< the tracer was told of its beginning

    // The answer
    u32 code = 0;
    u32 ret = 0;
    u32 ret_origin = 0;
    bool from_tee = false; ///< outputs stand in the arena

    // Buffers
    PageListWalk walk;
    Victim call_victim;
    Victim rpc_victim;
    u32 window = SharedMemory::none;     ///< OP-TEE is told of, or to forget
    Stage after_evict = Stage::Windows;  ///< when it has forgotten a window that was in the way
    u32 list_block = SharedMemory::none; ///< while OP-TEE reads a list
    u32 unsettled = SharedMemory::none;  ///< buffer that answered a request and that OP-TEE may still have to map
    bool waits_for_room = false;         ///< the call ends as if OP-TEE had no thread, to come again

    // RPC
    RpcRequest rpc;
    ShadowMessage rpc_shadow;
    RpcMemory rpc_memory;       ///< only for Form::Arg
    bool own_free = false;      ///< the request in hand is the mediator's, not OP-TEE's
    bool alloc_used = false;    ///< OP-TEE has an RPC argument of its own in the arena
    u64 alloc_cookie = 0;       ///< OP-TEE's name for it
    u64 alloc_guest_cookie = 0; ///< of the SHM_ALLOC being answered

    /// That of the request in hand, while OP-TEE's thread waits for its answer: the call may have one, too.
    [[nodiscard]] Victim& victim() { return suspended ? rpc_victim : call_victim; }
    [[nodiscard]] ShadowMessage shadow() const { return ShadowMessage(arena.message()); }
    [[nodiscard]] ShadowList list() const { return ShadowList(arena.list()); }
    /// Where the guest's RPC argument is; empty if the guest has to be asked for one.
    [[nodiscard]] GuestBlock rpc_block() const {
        if (request.form == Form::Arg) {
            return rpc_memory.block;
        }
        return argument.behind(msg::size_of(header.num_params));
    }
};

} // namespace trv::tee

// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE's requests to normal world in the course of a call: on their way to the guest (rpc_requests.cpp), and its
// replies (rpc_replies.cpp).

#include "tee/optee/call/buffer_work.hpp"
#include "tee/optee/guest/guest_block.hpp"
#include "tee/optee/message/rpc_request.hpp"
#include "tee/optee/message/shadow.hpp"
#include "tee/optee/tables/notifications.hpp"
#include "tee/optee/tables/rpc_memory.hpp"

#include <array>
#include <optional>

namespace trv::tee::optee {

/// What the guest gets in x0 to x2.
struct ToGuest {
    u32 rpc = 0;
    u64 a1 = 0;
    u64 a2 = 0;
};

class Rpc {
  public:
    /// OP-TEE returned with a request.
    Next came(Call& call);
    /// OP-TEE returned, other than for an interrupt: the first thing that it does with memory that it got is to map it.
    void settle(SharedMemory& shared) {
        if (unsettled_ != SharedMemory::none) {
            shared.references.settle(std::exchange(unsettled_, SharedMemory::none));
        }
    }
    /// OP-TEE's thread has ended, and with it what it requested for itself.
    void thread_ended() { own_argument_ = {}; }
    /// a1, a2, a4 and a5 of the guest's RETURN_FROM_RPC.
    void guest_returned(const std::array<u64, 4>& registers) { guest_registers_ = registers; }

    // Stages.

    Next deliver(Call& call);
    Next take_memory(Call& call);
    Next read_reply(Call& call);
    Next read_alloc(Call& call);
    Next collect_alloc(Call& call);
    Next release(Call& call);
    Next reenter(Call& call);

    // The mediator's own replies.

    /// Replies to the current request.
    Next reply(Call& call, msg::TeeResult result);
    /// No guest is left to answer its side of a request.
    Next deliver_to_nobody(Call& call);
    /// The same of memory that is being collected.
    Next give_up_alloc(Call& call);
    /// The current request.
    [[nodiscard]] const RpcRequest& request() const { return request_; }
    [[nodiscard]] bool is_wait_for_thread() const;
    /// If the current request wakes another thread: passes that on by a notification.
    /// @return whether the guest will learn of it
    [[nodiscard]] bool wakes_thread(Notifications& notifications) const;

    /// At the call's end: the memory for RPC arguments that the guest gave.
    /// @return what the guest gets, if it gets it back
    [[nodiscard]] std::optional<ToGuest> give_memory_back(RpcMemoryCache& cache);

  private:
    /// An RPC argument that OP-TEE requested, in the arena.
    struct OwnArgument {
        bool used = false;
        u64 cookie = 0; ///< OP-TEE's
    };

    Next allocate_argument(Call& call);
    Next free_argument(Call& call);
    Next command(Call& call);
    Next free_shared_memory(Call& call);
    [[nodiscard]] bool finds_argument(const Call& call);
    [[nodiscard]] bool is_denied(Call& call) const;
    [[nodiscard]] bool is_notification(u64 kind) const;
    [[nodiscard]] bool translate(const SharedMemory& shared);
    [[nodiscard]] GuestBlock guest_block(const Call& call) const;
    void write_request(const GuestBlock& block) const;
    void note_application(Call& call) const;
    Next begin_alloc(Call& call, const msg::Param& memory);
    void refuse_alloc(Call& call, Refusal why);
    Next refuse_reply(Call& call, Refusal why);

    RpcRequest request_;
    ShadowMessage shadow_;                 ///< where OP-TEE reads the reply
    std::array<u64, 4> answer_{};          ///< a1, a2, a4, a5 of the next RETURN_FROM_RPC
    std::array<u64, 4> guest_registers_{}; ///< the same registers, from the guest
    RpcMemory memory_;                     ///< only for Form::Arg
    OwnArgument own_argument_;
    bool own_free_ = false;              ///< the current request is the mediator's, not OP-TEE's
    u64 alloc_guest_cookie_ = 0;         ///< of the SHM_ALLOC whose reply is being handled
    BufferInWork buffer_;                ///< from the guest's reply, or freed
    u32 unsettled_ = SharedMemory::none; ///< buffer that answered a request and that OP-TEE may still have to map
};

} // namespace trv::tee::optee

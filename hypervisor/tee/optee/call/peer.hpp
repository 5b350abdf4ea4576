// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who answers OP-TEE's requests in the course of a call, and gets its result: the guest that made it. If the
// guest's driver is gone (kexec, module reload, a crashed kernel, the VM's end), or the call is the mediator's own, each
// request is answered with an error, so that the call ends.

#include "tee/optee/call/argument.hpp"
#include "tee/optee/call/stages.hpp"
#include "tee/optee/message/rpc_request.hpp"

#include <optional>

namespace trv::tee::optee {

class Call;

class Peer {
  public:
    [[nodiscard]] bool is_guest() const { return !gone_; }
    /// From here on no guest answers.
    /// @param follower the guest's call that ends this one first
    /// @param pending  whether OP-TEE waits for a reply, which it gets next
    void leave(const CallRequest& follower, bool pending);

    /// OP-TEE returned for an interrupt.
    [[nodiscard]] Next interrupted() { return gone_ ? count_interrupt() : Next::Foreign; }
    /// OP-TEE has made a request. @return nothing if it is handled as for a guest
    [[nodiscard]] std::optional<Next> answers(Call& call, RpcRule rule) {
        return gone_ ? answer(call, rule) : std::nullopt;
    }
    /// The guest is gone at a stage from which a call goes on only with one.
    Next stand_in(Call& call);
    /// A buffer is registered: the guest knows its cookie, if there is a guest.
    void gets(SharedMemory& shared, u32 buffer) const;

    // Once the guest is gone.

    /// The call has ended.
    void notes_end(const Call& call) const;
    [[nodiscard]] const CallRequest& follower() const { return follower_; }
    /// The follower's guest gets a request in reply.
    void answers_follower() { follower_.answered = true; }
    /// Whether the call has got on since leave().
    [[nodiscard]] bool got_on() const { return requests_ != 0; }
    /// Counts an attempt to end the call, which failed. @return whether another one is worth it
    [[nodiscard]] bool may_try_again();

  private:
    [[nodiscard]] Next count_interrupt();
    [[nodiscard]] std::optional<Next> answer(Call& call, RpcRule rule);
    [[nodiscard]] Next reply(Call& call, msg::TeeResult result);

    bool gone_ = false;
    CallRequest follower_;
    u32 requests_ = 0;
    u32 waits_ = 0;
    u32 interrupts_ = 0;
    u32 attempts_ = 0;
};

} // namespace trv::tee::optee

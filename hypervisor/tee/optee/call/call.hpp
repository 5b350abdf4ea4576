// SPDX-License-Identifier: Apache-2.0
#pragma once
// One call from beginning to end, across interruptions. Its parts begin with it, and its end gives back what they hold.

#include "tee/optee/call/answer.hpp"
#include "tee/optee/call/argument.hpp"
#include "tee/optee/call/buffer_work.hpp"
#include "tee/optee/call/peer.hpp"
#include "tee/optee/call/rpc.hpp"
#include "tee/optee/call/stages.hpp"
#include "tee/optee/call/tee_thread.hpp"
#include "tee/optee/tables/tables.hpp"

namespace trv::tee::optee {

class Slots;

/// A call of the mediator's own, about a reserved session.
struct OwnCall {
    CheckedMessage message;
    u32 application = Applications::unknown; ///< of the session
};

/// Belongs to the CPU that owns its slot.
class Call {
  public:
    /// A guest's call.
    Call(Tables& its_tables, const Slots& its_siblings, unsigned slot, ArenaSlot arena, const CallRequest& its_request)
        : tables(its_tables), siblings(its_siblings), index(static_cast<u8>(slot)), request(its_request),
          thread(arena, slot) {}
    /// The mediator's own: no guest answers requests.
    /// @param follower the guest's call that it precedes
    Call(Tables& its_tables, const Slots& its_siblings, unsigned slot, ArenaSlot arena, const OwnCall& own,
         const CallRequest& follower);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    /// Runs it up to a point where it needs its caller.
    /// @param most_steps each enters OP-TEE at most once. @return Continue if they were not enough
    [[nodiscard]] Next run(u32 most_steps = ~u32{0});

    /// Its driver is gone: see Peer::leave().
    void lose_guest(const CallRequest& follower) { peer.leave(follower, stage_ != Stage::Reenter); }
    [[nodiscard]] Stage stage() const { return stage_; }
    /// Its guest, or that of the call that follows, gets a request in reply.
    void asks() { peer.is_guest() ? void(answered = true) : peer.answers_follower(); }

    // For its parts.

    /// What follows; the table in stages.hpp allows it.
    Next go(Stage next) {
        ASSERT(may_follow(next, stage_));
        stage_ = next;
        return Next::Continue;
    }
    /// Enters OP-TEE with the message in the arena.
    Next send(Work work, u32 num_params);
    /// Refuses the call, and counts it, once if it is to come again.
    void refuse(const Rejection& rejection);
    /// The same; the call is about to end.
    Next reject(const Rejection& rejection);
    /// How to refuse it. If other calls leave no room, the guest retries: a driver whose call returns "busy" sleeps
    /// until another one of its calls has ended [Linux drivers/tee/optee/call.c].
    [[nodiscard]] Rejection no_room_or(Refusal why);
    /// Large references and sessions that are being opened do not go together: OP-TEE might have to load the
    /// application, and there would be no room for it. The second of the two calls waits.
    [[nodiscard]] bool leaves_room_to_open() const;

    Tables& tables;
    const Slots& siblings; ///< the VM's calls
    const u8 index;        ///< of its slot
    const CallRequest request;
    Argument argument;
    CheckedMessage message;
    Uses uses{tables.shared};
    SessionReservation session; ///< that is being opened or closed
    Answer answer;
    TeeThread thread;
    BufferWork buffers{tables.shared};
    Rpc rpc;
    Peer peer;
    ToGuest to_guest;     ///< if it needs Next::ToGuest
    bool fetched = false; ///< OP-TEE asked for what it opens, or for something in secure storage, and got it
    bool traced = false;  ///< its beginning was traced
    /// The guest has had a request in reply. A driver that is told "busy" after that repeats its reply to the request, not
    /// the call [Linux drivers/tee/optee/smc_abi.c].
    bool answered = request.answered;

  private:
    [[nodiscard]] Next advance();
    [[nodiscard]] Next detour();
    [[nodiscard]] std::expected<void, Rejection> locate();
    [[nodiscard]] std::expected<Stage, Rejection> fetch();
    [[nodiscard]] std::expected<void, Rejection> reserve_session();
    [[nodiscard]] std::expected<Stage, Rejection> refer();
    void write_message();
    [[nodiscard]] std::optional<Next> returned();
    [[nodiscard]] bool lacks_memory() const;
    void settle();
    void settle_session();
    [[nodiscard]] std::optional<Next> conclude();
    [[nodiscard]] bool fits_alone() const;

    Stage stage_ = Stage::Locate;
};

} // namespace trv::tee::optee

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's calls in progress: who runs them, and how they begin and end.

#include "tee/optee/call/call.hpp"
#include "tee/optee/call/slots.hpp"
#include "tee/registers.hpp"

#include <optional>

namespace trv::tee::optee {

class Calls {
  public:
    explicit Calls(Tables& tables) : tables_(tables) {}
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    [[nodiscard]] Slots& slots() { return slots_; }
    [[nodiscard]] const Slots& slots() const { return slots_; }

    // For a guest; as SecureService's functions.

    Outcome begin(const CallRequest& request, Registers registers);
    Outcome return_from_rpc(Registers registers);
    Outcome resume_absorbed(unsigned slot, Registers registers);
    Outcome deliver_foreign_interrupt(unsigned slot, Registers registers);

    // At the VM's end.

    /// No driver is left to reply to a request, or to close sessions. Precondition: no CPU runs a call.
    void begin_end();
    /// Runs a step towards the end of the calls and sessions. @return whether all have ended, or time is up
    [[nodiscard]] bool end_step();

  private:
    [[nodiscard]] CallSlot* take_slot(const CallRequest& request);
    [[nodiscard]] CallSlot* claim_for(const CallRequest& request);
    Outcome run(CallSlot& first, Registers registers);
    Outcome suspend(CallSlot& slot, ToGuest request, Registers registers);
    Outcome leave(CallSlot& slot, Registers registers);
    Outcome begin_again(CallSlot& slot, Registers registers);
    Outcome refuse_for_threads(Registers registers);
    Outcome refuse_or_hold(const CallRequest& request, Registers registers);
    [[nodiscard]] u32 safe_code(u32 code) const;

    // Calls without a guest
    [[nodiscard]] CallSlot* claim_orphan(SlotState state, const CallRequest& next);
    [[nodiscard]] CallSlot* claim_own(const CallRequest& next);
    [[nodiscard]] bool may_close() const;
    [[nodiscard]] std::optional<OwnCall> closing();
    [[nodiscard]] std::optional<OwnCall> probe();
    [[nodiscard]] CallSlot* start_own(CallSlot& slot, const std::optional<OwnCall>& own, const CallRequest& next);
    [[nodiscard]] CallSlot* leave_orphan(CallSlot& slot, Next how);

    // At the VM's end
    void take_next(CallSlot* slot);
    [[nodiscard]] CallSlot* claim_probe(const CallRequest& none);
    [[nodiscard]] bool may_probe() const;

    Tables& tables_;
    Slots slots_;

    /// The VM's end.
    struct End {
        CallSlot* current = nullptr; ///< that is being ended
        u64 turn_end_ns = 0;         ///< then another slot gets its turn
        u64 deadline_ns = 0;
    };
    std::optional<End> end_;
};

} // namespace trv::tee::optee

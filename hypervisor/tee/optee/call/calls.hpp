// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's calls in progress. There are as many slots as OP-TEE has threads for the VM, so a slot corresponds to a thread.

#include "tee/optee/call/call.hpp"
#include "tee/optee/call/slot_word.hpp"
#include "tee/registers.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace trv::tee::optee {

struct CallSlot {
    SlotWord word;
    ArenaSlot arena;
    std::optional<Call> call; ///< for the CPU that owns the slot
};

class Calls {
  public:
    explicit Calls(Tables& tables) : tables_(tables) {}
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    /// Context: before the first call.
    void give_slots(const Arena& arena, u64 first, unsigned count);
    [[nodiscard]] unsigned slots() const { return slot_count_; }
    /// That run, or wait for the guest.
    [[nodiscard]] u32 in_flight() const;
    /// Calls whose driver is gone, still to be ended.
    [[nodiscard]] u32 orphans() const { return orphans_.load(std::memory_order_relaxed); }

    // For a guest; as SecureService's functions.

    Outcome begin(const CallRequest& request, Registers registers);
    Outcome return_from_rpc(Registers registers);
    Outcome resume_absorbed(unsigned slot, Registers registers);
    Outcome deliver_foreign_interrupt(unsigned slot, Registers registers);

    /// Turns the calls of a former driver into orphans.
    void orphan_all();

    // At the VM's end (calls_end.cpp).

    /// No driver is left to reply to a request, or to close sessions. Precondition: no CPU runs a call.
    void begin_end();
    /// Runs a step towards the end of the calls and sessions. @return whether all have ended, or time is up
    [[nodiscard]] bool end_step();
    /// OP-TEE has destroyed the partition.
    void drop_all();
    /// Calls that have not ended. Each may have an application loaded.
    [[nodiscard]] u32 unfinished() const;

  private:
    [[nodiscard]] CallSlot* claim(SlotState state);
    [[nodiscard]] CallSlot* take_slot(const CallRequest& request);
    [[nodiscard]] CallSlot* claim_for(const CallRequest& request);
    Outcome run(CallSlot& first, Registers registers);
    Outcome suspend(CallSlot& slot, ToGuest request, Registers registers);
    Outcome leave(CallSlot& slot, Registers registers);
    Outcome refuse_for_threads(Registers registers);
    [[nodiscard]] u32 safe_code(u32 code) const;
    [[nodiscard]] unsigned index_of(const CallSlot& slot) const { return static_cast<unsigned>(&slot - slots_.data()); }

    // Calls without a guest (orphans.cpp)
    void try_again(const CallSlot* except);
    [[nodiscard]] CallSlot* claim_orphan(SlotState state, const CallRequest& next);
    [[nodiscard]] CallSlot* claim_closing(const CallRequest& next);
    [[nodiscard]] bool may_close() const;
    [[nodiscard]] std::optional<CheckedMessage> closing_message();
    [[nodiscard]] CallSlot* start_own(CallSlot& slot, const std::optional<CheckedMessage>& message,
                                      const CallRequest& next);
    [[nodiscard]] CallSlot* leave_orphan(CallSlot& slot, Next how);

    // At the VM's end
    void take_next(CallSlot* slot);
    [[nodiscard]] CallSlot* claim_probe(const CallRequest& none);
    [[nodiscard]] bool may_probe() const;
    [[nodiscard]] std::optional<CheckedMessage> probing_message();

    Tables& tables_;
    unsigned slot_count_ = 0;
    std::atomic<u32> orphans_ = 0; ///< slots in state Orphan, Waiting or Resisting
    std::array<CallSlot, max_threads> slots_{};

    /// The VM's end.
    struct End {
        CallSlot* current = nullptr; ///< that is being ended
        u64 turn_end_ns = 0;         ///< then another slot gets its turn
        u64 deadline_ns = 0;
    };
    std::optional<End> end_;
};

} // namespace trv::tee::optee

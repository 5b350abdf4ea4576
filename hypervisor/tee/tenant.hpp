// SPDX-License-Identifier: Apache-2.0
#pragma once
// One VM's share of OP-TEE: its partition there, its calls, its shared memory. See docs/internals/mediator.md.

#include "memory/heap.hpp"
#include "sync/rate_limit.hpp"
#include "tee/applications.hpp"
#include "tee/call_slot.hpp"
#include "tee/config.hpp"
#include "tee/guest_memory.hpp"
#include "tee/mediator.hpp"
#include "tee/notifications.hpp"
#include "tee/policy.hpp"
#include "tee/registers.hpp"
#include "tee/sessions.hpp"
#include "tee/shared_memory.hpp"
#include "tee/statistics.hpp"
#include "tee/trace.hpp"

#include <atomic>
#include <optional>

namespace trv::tee {

/// Created by Mediator::admit(). Several vCPUs on several CPUs may call it at once; one CPU drives its life cycle.
class Tenant {
  public:
    /// Whether a function identifier is for call(): fast and yielding calls of the trusted-OS owners 50 to 63.
    [[nodiscard]] static bool is_for_tee(u32 function);

    /// Handles a trapped SMC or HVC, including unknown function identifiers. The SMC into OP-TEE happens inside.
    /// @param registers x0 to x17; x0 to x3 are written if the outcome is Done, none otherwise
    /// @return Done: return to the guest, after its SMC instruction.
    ///         ForeignInterrupt: take the physical interrupts, then call resume_absorbed() or
    ///         deliver_foreign_interrupt(), with the same registers, on any CPU; or neither, if the VM is being
    ///         stopped.
    /// Context: the vCPU's CPU, interrupts masked, no lock held.
    Outcome call(Registers registers, unsigned vcpu);

    /// The interrupt does not concern this vCPU: re-enters OP-TEE.
    /// @return as call()
    Outcome resume_absorbed(unsigned slot, Registers registers);
    /// The vCPU has a pending interrupt, or another vCPU is to run: the guest sees FOREIGN_INTR and resumes the call
    /// itself.
    /// @return Done
    Outcome deliver_foreign_interrupt(unsigned slot, Registers registers);

    /// After it no notification reaches the VM. Any CPU; waits for a CPU that is collecting notifications.
    void silence() { mediator_.silence(place_); }
    /// Runs the next part of the VM's end: silences notifications, ends calls and sessions with an error for each
    /// request, destroys the partition, unpins memory. Precondition: all vCPUs are parked, so that none is in OP-TEE: a
    /// physical interrupt brings them out.
    /// @return whether it is complete, and the object may be destroyed Context: bounded, about a hundred pages or
    /// entries into OP-TEE. It returns for an interrupt, which the caller must handle before the next step.
    bool end_step();
    /// Completes end_step().
    ~Tenant();
    Tenant(const Tenant&) = delete;
    Tenant& operator=(const Tenant&) = delete;

    /// OP-TEE's id of the VM, 1 to 65535.
    [[nodiscard]] u16 id() const { return id_; }
    /// Whether /firmware/optee in the VM's tree has the interrupt.
    [[nodiscard]] bool offers_notifications() const;
    [[nodiscard]] unsigned threads() const { return slot_count_; }
    [[nodiscard]] const Statistics& statistics() const { return statistics_; }
    [[nodiscard]] Usage usage() const;
    /// @param hook null for none; must outlive the tenant. Context: before the first call.
    void set_trace(TraceHook* hook) { trace_ = hook; }

  private:
    friend class Mediator;
    template <typename T, typename... Arguments>
    friend Result<Unique<T>> memory::make(Arguments&&... arguments);

    /// The run loop's action after a stage.
    enum class Next : u8 {
        Continue, ///< the next stage
        Slice,    ///< the same stage again; return to the guest first if an interrupt is pending
        Enter,    ///< enter OP-TEE with slot.entry
        Foreign,  ///< OP-TEE returned for an interrupt
        ToGuest,  ///< deliver the request in `to_guest`
        Finished, ///< the slot is free; the guest gets slot.code
        Drained,  ///< the slot's orphan has ended: look for another slot
        Waits,    ///< the slot's orphan waits for another thread: look for another slot
        Resists,  ///< the slot's orphan does not end: look for another slot
    };
    struct ToGuest {
        u32 rpc = 0;
        u64 a1 = 0;
        u64 a2 = 0;
    };
    static constexpr u32 slice_pages = 128; ///< between two checks for interrupts
    /// The progress of the VM's end.
    enum class Ending : u8 { No, Calls, Memory };

    Tenant(Mediator& mediator, unsigned place, const TenantConfig& config, GuestMemory& memory,
           vdev::InterruptLine* notification);
    [[nodiscard]] Result<void> create_tables();
    void give_slots(const Arena& arena, u64 first, unsigned count);

    // Fast calls (fast_calls.cpp)
    void fast_call(u32 function, Registers registers);
    void exchange_capabilities(Registers registers);
    void disable_shm_cache(Registers registers);
    void enable_notifications(Registers registers);
    void pop_notification(Registers registers);
    void refuse_unknown(u32 function, Registers registers);
    [[nodiscard]] u32 guest_capabilities() const;
    arch::SmcResult fast_smc(u32 function);
    /// Collects OP-TEE's values for this VM. Context: notification interrupt.
    void collect_notifications();

    // Yielding calls (yielding_calls.cpp)
    Outcome begin_call(const CallRequest& request, Registers registers);
    Outcome return_from_rpc(Registers registers);
    [[nodiscard]] CallSlot* claim_slot(SlotState state);
    [[nodiscard]] CallSlot* take_slot(const CallRequest& request);
    [[nodiscard]] CallSlot* claim_call(const CallRequest& request);
    Outcome refuse_for_threads(Registers registers);
    Outcome leave(CallSlot& slot, Registers registers);
    void start_in(CallSlot& slot, const CallRequest& request);
    Outcome run(CallSlot& slot, Registers registers);
    [[nodiscard]] Next advance(CallSlot& slot);
    void enter(CallSlot& slot);
    arch::SmcResult enter_tee(const arch::SmcArguments& entry, unsigned slot);
    void suspend(CallSlot& slot, ToGuest request, Registers registers);
    [[nodiscard]] u32 calls_in_flight() const;
    [[nodiscard]] u32 safe_code(u32 code) const;

    // Stages: beginning and end of a call (call_stages.cpp)
    Next locate(CallSlot& slot);
    Next housekeep(CallSlot& slot);
    Next fetch(CallSlot& slot);
    [[nodiscard]] std::expected<void, Rejection> locate_argument(CallSlot& slot);
    [[nodiscard]] std::expected<void, Rejection> read_header(CallSlot& slot);
    [[nodiscard]] std::expected<void, Rejection> read_params(CallSlot& slot);
    [[nodiscard]] std::expected<void, Rejection> prepare(CallSlot& slot);
    [[nodiscard]] std::expected<void, Rejection> prepare_open(CallSlot& slot);
    [[nodiscard]] bool denies(const Uuid& application, std::string_view what);
    [[nodiscard]] std::expected<void, Rejection> take_memrefs(CallSlot& slot);
    [[nodiscard]] bool fits_alone(const CallSlot& slot) const;
    [[nodiscard]] Rejection no_room_or(CallSlot& slot, Refusal why) const;
    Next reject(CallSlot& slot, const Rejection& rejection);
    Next enter_main(CallSlot& slot);
    Next returned(CallSlot& slot);
    Next main_returned(CallSlot& slot);
    [[nodiscard]] bool lacks_memory(const CallSlot& slot);
    Next complete(CallSlot& slot);
    void write_back(CallSlot& slot);
    void account(CallSlot& slot);
    [[nodiscard]] static bool may_be_loaded(const CallSlot& slot);
    void settle_session(const CallSlot& slot, bool success);
    Next finish(CallSlot& slot);
    void drop_all(CallSlot& slot);
    [[nodiscard]] Next enter_with_message(CallSlot& slot, Work work, u32 num_params);
    /// Ends the call with this TEE_Result in its argument.
    static Next answer(CallSlot& slot, u32 ret);
    /// Maps a refusal to the TEE_Result that the message reports.
    [[nodiscard]] static std::unexpected<Rejection> by_result(Refusal why);

    // Stages: memory (memory_stages.cpp)
    [[nodiscard]] std::expected<void, Rejection> prepare_register(CallSlot& slot);
    [[nodiscard]] std::expected<void, Rejection> prepare_unregister(CallSlot& slot);
    Next collect_register(CallSlot& slot);
    Next register_returned(CallSlot& slot);
    Next windows(CallSlot& slot);
    Next send_buffer(CallSlot& slot);
    [[nodiscard]] bool hold_list(CallSlot& slot);
    void release_list(CallSlot& slot);
    [[nodiscard]] bool leaves_room_to_open(const CallSlot& slot) const;
    [[nodiscard]] std::optional<Next> evict_one(CallSlot& slot, Stage after);
    Next evict_all(CallSlot& slot);
    Next window_returned(CallSlot& slot);
    Next evict_returned(CallSlot& slot);
    Next forget(CallSlot& slot);
    Next forget_returned(CallSlot& slot);
    Next release(CallSlot& slot);
    Next abandon(CallSlot& slot, Stage after);
    Next send_register(CallSlot& slot, Work work, u64 buf_ptr, u64 size, u64 cookie);
    Next send_unregister(CallSlot& slot, Work work, u64 cookie);
    [[nodiscard]] static bool succeeded(const CallSlot& slot);

    // Stages: RPC (rpc_requests.cpp, rpc_replies.cpp)
    Next rpc_came(CallSlot& slot);
    Next rpc_alloc(CallSlot& slot);
    Next rpc_command(CallSlot& slot);
    Next rpc_free_shm(CallSlot& slot);
    [[nodiscard]] bool is_denied(const CallSlot& slot);
    [[nodiscard]] bool translate_request(CallSlot& slot);
    Next deliver_rpc(CallSlot& slot);
    Next take_rpc_memory(CallSlot& slot);
    Next read_reply(CallSlot& slot);
    void note_application(CallSlot& slot);
    Next read_alloc(CallSlot& slot);
    Next begin_alloc(CallSlot& slot, const msg::Param& memory);
    Next collect_alloc(CallSlot& slot);
    Next refuse_alloc(CallSlot& slot, Refusal why);
    Next reenter(CallSlot& slot);
    static Next answer_rpc(CallSlot& slot, msg::TeeResult result);

    // Orphans (orphans.cpp)
    void orphan_all();
    void try_again(const CallSlot* except);
    [[nodiscard]] CallSlot* claim_orphan(SlotState state, const CallRequest& next);
    [[nodiscard]] CallSlot* claim_closing(const CallRequest& next);
    [[nodiscard]] bool may_close() const;
    [[nodiscard]] std::optional<CheckedMessage> closing_message();
    [[nodiscard]] CallSlot* start_own(CallSlot& slot, const std::optional<CheckedMessage>& message,
                                      const CallRequest& next);
    static void drain(CallSlot& slot, const CallRequest& next);
    void adopt_orphan(CallSlot& slot);
    [[nodiscard]] CallSlot* leave_orphan(CallSlot& slot, Next how);
    Next drain_pass(CallSlot& slot);
    Next drain_rpc(CallSlot& slot, msg::TeeResult result);
    Next drain_interrupt(CallSlot& slot);

    // The end (tenant_end.cpp)
    void begin_end();
    bool drain_step();
    void take_next(CallSlot* slot);
    [[nodiscard]] CallSlot* claim_probe(const CallRequest& none);
    [[nodiscard]] bool may_probe() const;
    [[nodiscard]] std::optional<CheckedMessage> probing_message();
    void note_kept(const CallSlot& slot);
    void note_unfinished();
    void destroy();
    [[nodiscard]] static u64 now_ns();

    void count(Refusal refusal) { statistics_.refused[static_cast<unsigned>(refusal)].add(); }

    Mediator& mediator_;
    const unsigned place_;
    const unsigned vm_; ///< index in the table of virtual machines
    const TenantConfig config_;
    GuestMemory& memory_;
    vdev::InterruptLine* const notification_;
    u16 id_ = 0;
    bool created_ = false; ///< the partition exists in OP-TEE
    Notifications notifications_;
    SharedMemory shared_;
    Sessions sessions_;
    Applications applications_;
    RpcMemoryCache rpc_cache_;
    Statistics statistics_;
    RateLimit log_limit_;
    TraceHook* trace_ = nullptr;
    unsigned slot_count_ = 0;
    std::atomic<u32> orphans_ = 0; ///< slots in state Orphan, Waiting or Resisting
    std::array<CallSlot, max_threads> slots_{};
    ToGuest to_guest_[max_threads]{}; ///< of the slot whose stage says Next::ToGuest

    Ending ending_ = Ending::No;
    CallSlot* drained_ = nullptr; ///< during the VM's end: the slot that is being drained
    u64 turn_end_ns_ = 0;         ///< then another slot gets its turn
    u64 deadline_ns_ = 0;
};

} // namespace trv::tee

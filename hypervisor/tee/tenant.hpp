#pragma once
// One VM's share of OP-TEE: its partition there, its calls, its shared memory. See docs/internals/mediator.md.

#include "lib/rate_limit.hpp"
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

/// Made by Mediator::admit(). Its calls come from several vCPUs, on several CPUs, at once; its life cycle from one CPU.
class Tenant {
  public:
    /// Whether a function identifier is for call(): fast and yielding calls of the trusted-OS owners 50 to 63.
    [[nodiscard]] static bool is_for_tee(u32 function);

    /// A trapped SMC or HVC, also with an identifier that nobody has. The SMC into OP-TEE happens inside.
    /// @param registers x0 to x17; x0 to x3 are written if the outcome is Done, none otherwise
    /// @return Done: back to the guest, behind its SMC instruction.
    ///         ForeignInterrupt: take the physical interrupts, then call resume_absorbed() or deliver_foreign_interrupt(),
    ///         with the same registers, on any CPU; or neither, if the VM is being stopped.
    /// Context: the vCPU's CPU, interrupts masked, no lock held.
    Outcome call(Registers registers, unsigned vcpu);

    /// The interrupt made no work for this vCPU: back into OP-TEE.
    /// @return as call()
    Outcome resume_absorbed(unsigned slot, Registers registers);
    /// The vCPU has an interrupt of its own to take, or another one's turn has come: the guest sees FOREIGN_INTR and
    /// resumes the call itself.
    /// @return Done
    Outcome deliver_foreign_interrupt(unsigned slot, Registers registers);

    /// From now on every call is refused. What was interrupted stays so. Any CPU.
    void begin_teardown() { stopping_.store(true, std::memory_order_relaxed); }
    /// Whether a CPU is inside OP-TEE for this VM. A physical interrupt brings it out.
    [[nodiscard]] bool is_in_secure_world() const { return inside_.load(std::memory_order_acquire) != 0; }
    /// The partition goes, with all that OP-TEE knew of the VM. Precondition: all vCPUs are parked, so that
    /// !is_in_secure_world(). Once.
    void destroy();
    /// After destroy(): unpins the next part of what OP-TEE had.
    /// @return whether nothing is left, and the object may die
    /// Context: bounded, about a hundred pages.
    bool destroy_step();
    /// Does what was not yet done of the above.
    ~Tenant();
    Tenant(const Tenant&) = delete;
    Tenant& operator=(const Tenant&) = delete;

    /// The VM's name at OP-TEE, 1 to 65535.
    [[nodiscard]] u16 id() const { return id_; }
    /// Whether /firmware/optee of the VM's tree shall have the interrupt.
    [[nodiscard]] bool offers_notifications() const;
    [[nodiscard]] unsigned threads() const { return slot_count_; }
    [[nodiscard]] const Statistics& statistics() const { return statistics_; }
    [[nodiscard]] Usage usage() const;
    /// @param hook null for none; outlives the tenant. Before the first call.
    void set_trace(TraceHook* hook) { trace_ = hook; }

// SPDX-License-Identifier: Apache-2.0
#pragma once
// One VM's partition of OP-TEE. See docs/internals/mediator.md.

#include "memory/heap.hpp"
#include "tee/optee/call/calls.hpp"
#include "tee/optee/partition/mediator.hpp"
#include "tee/optee/tables/tables.hpp"
#include "tee/secure_service.hpp"
#include "vdev/interrupt_line.hpp"

namespace trv::tee::optee {

/// Created by Mediator::admit().
class Partition final : public SecureService {
  public:
    ~Partition() override;

    Outcome call(Registers registers, unsigned vcpu) override;
    Outcome resume_absorbed(unsigned slot, Registers registers) override;
    /// The guest sees FOREIGN_INTR.
    Outcome deliver_foreign_interrupt(unsigned slot, Registers registers) override;
    /// /firmware/optee [Linux, Documentation/devicetree/bindings/arm/firmware/linaro,optee-tz.yaml].
    void describe(TreeWriter& tree) const override;
    void silence() override;
    bool end_step() override;
    void report(console::JsonWriter& json) const override;

    /// OP-TEE's id of the VM, 1 to 65535.
    [[nodiscard]] u16 id() const { return tables_.id; }
    [[nodiscard]] unsigned threads() const { return calls_.slots().count(); }
    [[nodiscard]] const Statistics& statistics() const { return tables_.statistics; }
    [[nodiscard]] Usage usage() const;
    /// Context: before the first call.
    void set_trace(Unique<TraceHook> hook) { tables_.set_trace(std::move(hook)); }
    /// For an Interposer.
    [[nodiscard]] Tables& tables() { return tables_; }
    /// It can notify the VM, whether OP-TEE can or not. Context: before the first call.
    void interpose(Unique<Interposer> interposer) {
        tables_.interpose(std::move(interposer));
        tables_.notifies = true;
    }
    /// Whether there is an OP-TEE behind it.
    [[nodiscard]] bool has_optee() const { return created_; }

  private:
    friend class Mediator;
    template <typename T, typename... Arguments>
    friend Result<Unique<T>> memory::make(Arguments&&... arguments);

    /// Of one that the mediator knows nothing of, as no OP-TEE is behind it.
    static constexpr unsigned no_place = ~0U;

    /// The progress of the VM's end.
    enum class Ending : u8 { No, Calls, Memory };

    Partition(Mediator& mediator, unsigned place, const PartitionConfig& config, GuestMemory& memory,
              vdev::InterruptLine* notification);

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

    void destroy();
    void note_unfinished();

    Mediator& mediator_;
    const unsigned place_;
    const BootValues& values_; ///< what the guest is told of OP-TEE
    Tables tables_;
    Calls calls_{tables_};
    memory::Frames own_arena_; ///< without an OP-TEE
    bool created_ = false;     ///< it exists in OP-TEE
    Ending ending_ = Ending::No;
};

} // namespace trv::tee::optee

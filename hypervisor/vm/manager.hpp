// SPDX-License-Identifier: Apache-2.0
#pragma once
// Creates all VMs of the machine from their descriptions, and handles their ends.

#include "arch/page_table_format.hpp"
#include "console/events.hpp"
#include "lib/unique.hpp"
#include "lib/wall_clock.hpp"
#include "machine/description.hpp"
#include "sched/job.hpp"
#include "sched/per_cpu.hpp"
#include "sync/random_generator.hpp"
#include "sync/spinlock.hpp"
#include "tee/mediator.hpp"
#include "vm/vm.hpp"

#include <array>
#include <span>

namespace trv::vm {

class Manager {
  public:
    /// @param cpus online CPUs
    /// @param descriptions of all VMs, also for start()
    Manager(std::span<sched::PerCpu> cpus, std::span<const machine::VmDescription> descriptions)
        : cpus_(cpus), descriptions_(descriptions) {
        for (Slot& slot : slots_) {
            slot.manager = this;
        }
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    /// Boot CPU, before anything is created.
    /// @param virtual_timer the physical interrupt of guests' timers
    void configure(unsigned online_cpus, const arch::TranslationLimits& limits, IntId virtual_timer);

    [[nodiscard]] std::span<sched::PerCpu> cpus() const { return cpus_.first(online_cpus_); }

    /// Creates and starts a VM; logs a failure and sends an event. @return whether it starts
    bool create(const machine::VmDescription& description);
    /// Logs that the VM cannot be created, and sends an event.
    void refuse(std::string_view name, std::string_view reason);

    /// Recreates the VM with this name after it has stopped. For the operator. @return Error::Busy, Error::NotFound
    Result<void> start(std::string_view name);
    /// Calls use(Vm&) with the named VM, which cannot be destroyed meanwhile. @return Error::NotFound
    template <typename Use>
    Result<void> with_vm(std::string_view name, Use use) EXCLUDES(lock_) {
        const Guard guard(lock_);
        for (Slot& slot : slots_) {
            if (slot.vm && slot.vm->name() == name) {
                use(*slot.vm);
                return {};
            }
        }
        return fail(Error::NotFound);
    }
    /// Calls visit(Vm&) for each VM.
    template <typename Visit>
    void for_each_vm(Visit visit) EXCLUDES(lock_) {
        const Guard guard(lock_);
        for (Slot& slot : slots_) {
            if (slot.vm) {
                visit(*slot.vm);
            }
        }
    }

    /// Calls change() while no monitor command accesses a VM.
    template <typename Change>
    void unobserved(Change change) EXCLUDES(lock_) {
        const Guard guard(lock_);
        change();
    }

    /// Call this when all described VMs have been created or refused: from then on the machine powers off when no VM is
    /// left.
    void all_created();

    [[noreturn]] void power_off_machine(console::PowerOffReason reason);

    /// Powers off from a job: for callers that hold locks which the power-off needs.
    void power_off_soon();

    /// The mediator of the machine's OP-TEE; boot code starts it.
    [[nodiscard]] tee::Mediator& mediator() { return mediator_; }
    /// The generator of guests' seeds; boot code seeds it, if the machine has a seed.
    [[nodiscard]] RandomGenerator& random() { return random_; }
    /// The date, which boot code sets before VMs are made; none where the machine has no clock for it.
    void set_wall_clock(const WallClock& clock) { wall_clock_ = clock; }
    [[nodiscard]] const std::optional<WallClock>& wall_clock() const { return wall_clock_; }

    // For Vm.

    /// Tries to get a partition of OP-TEE for the VM. Without one the VM runs without OP-TEE, and the reason is logged
    /// and sent as an event.
    /// @return false if another CPU is doing the same: try again
    bool admit_to_tee(Vm& vm, vdev::InterruptLine* notification, Unique<tee::Tenant>& tenant);
    /// Reports why a VM that should have an OP-TEE has none.
    static void run_without_tee(const Vm& vm, std::string_view reason);
    [[nodiscard]] const arch::TranslationLimits& limits() const { return limits_; }
    [[nodiscard]] IntId virtual_timer() const { return virtual_timer_; }
    /// The home CPU for a vCPU of a new VM: the described one; otherwise one with the fewest vCPUs of this VM, and
    /// among those the one whose vCPUs have the least total weight.
    [[nodiscard]] sched::PerCpu& home_of(const machine::VmDescription& description, unsigned vcpu) EXCLUDES(lock_);
    void on_running(Vm& vm);
    /// Its images cannot be loaded: destroys a VM that never ran.
    void on_load_failed(Vm& vm, std::string_view why);
    /// Called when no vCPU of it runs any more. The reason and its policies decide what follows.
    void on_stopped(Vm& vm);

  private:
    /// An entry of the table, and the job that empties it.
    struct Slot final : sched::Job {
        bool step() override;
        /// A vCPU of the VM that ends: what its end costs, it pays.
        [[nodiscard]] sched::Runnable* payer() override;
        [[nodiscard]] bool takes_turns() const override { return true; }

        Manager* manager = nullptr;
        Unique<Vm> vm;
        u64 closing_until = 0; ///< once its memory is given back: counter ticks
        bool emptying = false; ///< the last VM here is being destroyed
    };

    /// Powers off the machine from a job, so that the requester's locks are free.
    struct PowerOff final : sched::Job {
        explicit constexpr PowerOff(Manager& m) : manager(m) {}
        bool step() override;
        Manager& manager;
    };

    /// Whether the VM's entry in the table is free.
    [[nodiscard]] bool is_gone(const machine::VmDescription& description) EXCLUDES(lock_);
    void restart(Vm& vm);
    void retire(Vm& vm, bool last);
    /// @return whether that was the last VM that could run again
    bool leave();

    std::span<sched::PerCpu> cpus_;
    std::span<const machine::VmDescription> descriptions_;
    unsigned online_cpus_ = 0;
    arch::TranslationLimits limits_{};
    IntId virtual_timer_;

    RandomGenerator random_;
    std::optional<WallClock> wall_clock_;
    tee::Mediator mediator_;
    std::atomic<bool> admitting_ = false; ///< one at a time; no lock, because OP-TEE is called meanwhile

    SpinLock lock_; ///< the slots' pointers, and their VMs' to tenants
    std::array<Slot, max_vms> slots_{};
    PowerOff power_off_{*this};
    std::atomic<bool> power_off_asked_ = false;
    std::atomic<unsigned> alive_ = 1; ///< VMs that may run again, plus one until all_created()
};

} // namespace trv::vm

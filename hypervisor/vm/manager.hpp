#pragma once
// All VMs of the machine: made from their descriptions, and seen to their end.

#include "arch/page_table_format.hpp"
#include "console/events.hpp"
#include "lib/random_generator.hpp"
#include "lib/spinlock.hpp"
#include "lib/unique.hpp"
#include "lib/wall_clock.hpp"
#include "machine/description.hpp"
#include "tee/mediator.hpp"
#include "vm/job.hpp"
#include "vm/per_cpu.hpp"
#include "vm/vm.hpp"

#include <array>
#include <span>

namespace trv::vm {

class Manager {
  public:
    /// @param cpus online CPUs
    /// @param descriptions of all VMs, also for start()
    Manager(std::span<PerCpu> cpus, std::span<const machine::VmDescription> descriptions)
        : cpus_(cpus), descriptions_(descriptions) {
        for (Slot& slot : slots_) {
            slot.manager = this;
        }
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    /// Boot CPU, before anything is created.
    void configure(unsigned online_cpus, const arch::TranslationLimits& limits);

    [[nodiscard]] std::span<PerCpu> cpus() const { return cpus_.first(online_cpus_); }

    /// Makes and starts a VM; a failure is logged and told as an event. @return whether it starts
    bool create(const machine::VmDescription& description);
    /// The VM cannot be made: says so.
    void refuse(std::string_view name, std::string_view reason);

    /// The VM with this name, made anew after it has gone. For the operator. @return Error::Busy, Error::NotFound
    Result<void> start(std::string_view name);
    /// Calls use(Vm&) with the named VM, which cannot go away meanwhile. @return Error::NotFound
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
    /// Calls visit(Vm&) for each VM there is.
    template <typename Visit>
    void for_each_vm(Visit visit) EXCLUDES(lock_) {
        const Guard guard(lock_);
        for (Slot& slot : slots_) {
            if (slot.vm) {
                visit(*slot.vm);
            }
        }
    }

    /// Calls change() while no monitor command looks at a VM.
    template <typename Change>
    void unobserved(Change change) EXCLUDES(lock_) {
        const Guard guard(lock_);
        change();
    }

    /// Ends the machine once no VM is left; to be called when all that were described have been created or refused.
    void all_created();

    [[noreturn]] void power_off_machine(console::PowerOffReason reason);

    /// The same, but from a job: for those whose locks the end would wait for.
    void power_off_soon();

    /// The machine's OP-TEE, for which boot code asks it.
    [[nodiscard]] tee::Mediator& mediator() { return mediator_; }
    /// What guests' seeds are drawn from; boot code seeds it, if the machine has a seed.
    [[nodiscard]] RandomGenerator& random() { return random_; }
    /// The date, which boot code sets before VMs are made; none where the machine has no clock for it.
    void set_wall_clock(const WallClock& clock) { wall_clock_ = clock; }
    [[nodiscard]] const std::optional<WallClock>& wall_clock() const { return wall_clock_; }

    // For Vm.

    /// Tries to get the VM a partition of OP-TEE; a VM that gets none runs without, and why is logged and told.
    /// @return false if another CPU is about the same just now: try again
    bool admit_to_tee(Vm& vm, vdev::InterruptLine* notification, Unique<tee::Tenant>& tenant);
    /// It was to have an OP-TEE: says why it has none.
    static void run_without_tee(const Vm& vm, std::string_view reason);
    [[nodiscard]] const arch::TranslationLimits& limits() const { return limits_; }
    [[nodiscard]] IntId virtual_timer() const;
    /// The CPU for a vCPU of a VM that is being made: the described one; else one with as few vCPUs of this VM as
    /// possible, and of those the one whose vCPUs have the least weight in all.
    [[nodiscard]] PerCpu& home_of(const machine::VmDescription& description, unsigned vcpu) EXCLUDES(lock_);
    void on_running(Vm& vm);
    /// Its images make no system: it goes without ever having run.
    void on_load_failed(Vm& vm, std::string_view why);
    /// No vCPU of it runs any more. What follows depends on why, and on its policies.
    void on_stopped(Vm& vm);

  private:
    /// A place in the table, and the job that empties it.
    struct Slot final : Job {
        bool step() override;
        /// A vCPU of the VM that ends: what its end costs, it pays.
        [[nodiscard]] Vcpu* payer() override;
        [[nodiscard]] bool takes_turns() const override { return true; }

        Manager* manager = nullptr;
        Unique<Vm> vm;
        u64 closing_until = 0; ///< once its memory is given back: counter ticks
        bool emptying = false; ///< the last VM here is just being destroyed
    };

    /// Ends the machine from outside whatever asked for it, whose locks the end would wait for.
    struct PowerOff final : Job {
        explicit constexpr PowerOff(Manager& m) : manager(m) {}
        bool step() override;
        Manager& manager;
    };

    /// Whether the VM's place in the table is free.
    [[nodiscard]] bool is_gone(const machine::VmDescription& description) EXCLUDES(lock_);
    void restart(Vm& vm);
    void retire(Vm& vm, bool last);
    /// @return whether that was the last VM that could run again
    bool leave();

    std::span<PerCpu> cpus_;
    std::span<const machine::VmDescription> descriptions_;
    unsigned online_cpus_ = 0;
    arch::TranslationLimits limits_{};

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

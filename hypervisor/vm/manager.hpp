// SPDX-License-Identifier: Apache-2.0
#pragma once
// Creates VMs from their descriptions, and handles their ends. A description comes from the boot tree or, at run time,
// from anywhere else; the manager owns it, and keeps it until forget(), so that a VM can be started again.

#include "arch/cpu/nospec.hpp"
#include "console/events.hpp"
#include "generated/option/host.hpp"
#include "generated/option/manager.hpp"
#include "lib/unique.hpp"
#include "machine/vm_config.hpp"
#include "sched/job.hpp"
#include "sync/spinlock.hpp"
#include "vm/host/belongings.hpp"
#include "vm/resources.hpp"
#include "vm/vm.hpp"
#include "vm/vm_id.hpp"

#include <array>
#include <expected>

namespace trv::tee::manager {
class Service;
}

namespace trv::vm {

class Manager {
  public:
    explicit Manager(const Resources& resources) : resources_(resources) {
        for (Slot& slot : slots_) {
            slot.manager = this;
        }
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    [[nodiscard]] const Resources& resources() const { return resources_; }
    /// The machine as the host has it; null for other VMs.
    [[nodiscard]] const Host* host_for(const machine::VmDescription& description) const {
        return option::host && description.devices == machine::DeviceSet::All ? resources_.host : nullptr;
    }

    /// From now on the host's programs reach the service. Context: boot, before VMs are created. It outlives them.
    void offer_to_host(tee::manager::Service& service) { for_host_ = &service; }
    /// Whether the VM's driver finds that service.
    [[nodiscard]] bool serves(const Vm& vm) const { return option::manager && for_host_ != nullptr && vm.is_host(); }

    /// Which number a VM gets: the one that its description has, or any that is free.
    enum class Number : u8 { Described, Any };
    /// Takes a description in: from now on start() knows the VM.
    /// @return Error::Busy if the name or the number is taken, Error::TooMany
    [[nodiscard]] Result<void> add(Unique<machine::VmConfig> config, Number number) EXCLUDES(lock_);
    /// Takes in the description of a VM that was not in the boot tree, and starts the VM. If that fails, the description
    /// is forgotten. @return as add() and start()
    [[nodiscard]] Result<void> create(Unique<machine::VmConfig> config);
    enum class Whose : u8 { Anyone, Host };
    /// Forgets a VM that has ended, or never ran; of the host's, one that it made. One with belongings gives them back
    /// first, in steps: meanwhile it is Busy.
    /// @return Error::Busy while it exists, or a session of the host's has yet to keep its variables; Error::NotFound,
    ///         Error::Denied for the host
    [[nodiscard]] Result<void> forget(std::string_view name, Whose whose = Whose::Anyone) EXCLUDES(lock_);
    /// Logs that the VM cannot be created, and sends an event.
    void refuse(std::string_view name, std::string_view reason);

    // For VMs that the host makes.

    /// @return Error::TooMany
    [[nodiscard]] Result<VmId> lease_number() { return ids_.lease(); }
    /// As the other add(). The description's images are the belongings'.
    [[nodiscard]] Result<VmHandle> add(Unique<machine::VmConfig> config, VmId number, Unique<Belongings> belongings)
        EXCLUDES(lock_);
    /// Why a VM was not created.
    struct Refused {
        Error error;
        std::string_view why; ///< a constant
    };
    /// As start() by name; before that, all images must be loaded.
    [[nodiscard]] std::expected<void, Refused> start(VmHandle vm) EXCLUDES(lock_);
    /// Calls use(Belongings&, memory::FrameOwner) with those of a VM that does not exist now, and is not created or
    /// forgotten meanwhile. @return Error::NotFound, Error::Busy
    template <typename Use>
    Result<void> while_off(VmHandle vm, Use use) EXCLUDES(lock_) {
        Slot* const slot = TRY(begin_loading(vm));
        use(*slot->belongings, memory::vm_owner(slot->id.number()));
        end_loading(*slot);
        return {};
    }
    /// Calls use(Belongings&) with those of the VM of that number. @return false if it has none
    template <typename Use>
    bool with_belongings(unsigned number, Use use) EXCLUDES(lock_) {
        const Guard guard(lock_);
        const Unique<Belongings>& belongings = slots_[arch::nospec_index(number, max_vms)].belongings;
        if (belongings) {
            use(*belongings);
        }
        return static_cast<bool>(belongings);
    }
    /// Calls use(IoDevices&) with those of a VM, which is not forgotten meanwhile, but may start and end.
    /// @return Error::NotFound
    template <typename Use>
    Result<void> with_io(VmHandle vm, Use use) EXCLUDES(lock_) {
        Slot* const slot = TRY(begin_use(vm));
        use(*slot->belongings->io);
        end_use(*slot);
        return {};
    }
    /// Calls use(Variables&) with those of a VM, as with_io(). @return Error::NotFound, also for a VM without firmware
    template <typename Use>
    Result<void> with_variables(VmHandle vm, Use use) EXCLUDES(lock_) {
        Slot* const slot = TRY(begin_use(vm));
        Variables* const variables = slot->belongings->variables.get();
        if (variables != nullptr) {
            use(*variables);
        }
        end_use(*slot);
        return variables != nullptr ? Result<void>() : fail(Error::NotFound);
    }
    /// Calls visit(unsigned number, IoDevices&) for each VM that has some.
    template <typename Visit>
    void for_each_io(Visit visit) EXCLUDES(lock_) {
        const Guard guard(lock_);
        for (unsigned number = 0; number < max_vms; ++number) {
            if (Slot& slot = slots_[number]; slot.belongings && slot.belongings->io) {
                visit(number, *slot.belongings->io);
            }
        }
    }
    /// Calls visit(unsigned number, const Belongings&) for each VM that has some.
    template <typename Visit>
    void for_each_belongings(Visit visit) EXCLUDES(lock_) {
        const Guard guard(lock_);
        for (unsigned number = 0; number < max_vms; ++number) {
            if (const Belongings* const belongings = slots_[number].belongings.get()) {
                visit(number, *belongings);
            }
        }
    }
    /// Calls visit(const machine::VmDescription&) for each VM that the host made and that does not exist now.
    template <typename Visit>
    void for_each_that_is_off(Visit visit) EXCLUDES(lock_) {
        const Guard guard(lock_);
        for (const Slot& slot : slots_) {
            if (slot.id && slot.belongings && !slot.vm && !slot.forgetting) {
                visit(slot.config->description());
            }
        }
    }
    /// Ends the VM, if it exists, and forgets it. No effect if there is none with the handle.
    void abandon(VmHandle vm) EXCLUDES(lock_);
    /// Null if it has none. Context: the VM exists or is being created, so that they stay.
    [[nodiscard]] const Belongings* belongings_of(unsigned number) const { return slots_[number].belongings.get(); }

    /// Creates the VM with this name and starts it: the first time, or after it has stopped. Logs a failure and sends
    /// an event. @return Error::Busy if it exists, Error::NotFound, or why it could not be created
    [[nodiscard]] Result<void> start(std::string_view name) EXCLUDES(lock_);
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

    // For Vm.

    /// Tries to get a partition of OP-TEE for the VM. Without one the VM runs without OP-TEE, and the reason is logged
    /// and sent as an event.
    /// @return false if another CPU is doing the same: try again
    bool admit_to_tee(Vm& vm, vdev::InterruptLine& notification, Unique<tee::SecureService>& service);
    /// Reports why a VM that should have an OP-TEE has none.
    void run_without_tee(const Vm& vm, std::string_view reason);
    /// A new name for an access of `vcpu` that is answered later; of any VM, and in any of its lives.
    [[nodiscard]] vdev::Ticket next_ticket(unsigned vcpu) {
        return vdev::Ticket{tickets_.fetch_add(1, std::memory_order_relaxed) * max_vcpus + vcpu};
    }
    [[nodiscard]] static unsigned vcpu_of(vdev::Ticket ticket) {
        return static_cast<unsigned>(static_cast<u64>(ticket) % max_vcpus);
    }
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
        [[nodiscard]] bool forget_step();
        /// A vCPU of the VM that ends: what its end costs, it pays.
        [[nodiscard]] sched::Runnable* payer() override;
        [[nodiscard]] bool takes_turns() const override { return true; }

        /// Whether there is a VM, or what is left of one.
        [[nodiscard]] bool is_in_use() const { return vm || creating || emptying || loading || forgetting; }
        [[nodiscard]] bool may_be_forgotten() const { return !is_in_use() && users == 0; }

        Manager* manager = nullptr;
        VmId id;                          ///< none: the entry is free
        Unique<machine::VmConfig> config; ///< with the id
        VmHandle handle{};
        Unique<Belongings> belongings; ///< of one that the host made; with the id
        Unique<Vm> vm;
        bool creating = false;   ///< start() is under way
        u64 closing_until = 0;   ///< once its memory is given back: counter ticks
        bool emptying = false;   ///< the last VM here is being destroyed
        bool loading = false;    ///< while_off() is under way
        bool abandoned = false;  ///< is forgotten as soon as it is not in use
        bool forgetting = false; ///< the belongings are given back
        unsigned users = 0;      ///< with_io() and with_variables() that are under way
    };

    /// Powers off the machine from a job, so that the requester's locks are free.
    struct PowerOff final : sched::Job {
        explicit constexpr PowerOff(Manager& m) : manager(m) {}
        bool step() override;
        Manager& manager;
    };

    /// Ends all VMs, after the host has powered itself off; the last one's end powers off the machine.
    struct EndOthers final : sched::Job {
        explicit constexpr EndOthers(Manager& m) : manager(m) {}
        bool step() override;
        Manager& manager;
    };

    /// Why there can be no host; empty if there can.
    [[nodiscard]] std::string_view problem_of_host() const;
    /// Null if no VM of this name is described.
    [[nodiscard]] Slot* find(std::string_view name) REQUIRES(lock_);
    [[nodiscard]] Slot* find(VmHandle handle) REQUIRES(lock_);
    template <typename Key>
    [[nodiscard]] std::expected<void, Refused> start_by(Key key) EXCLUDES(lock_);
    [[nodiscard]] std::expected<void, Refused> create_in(Slot& slot) EXCLUDES(lock_);
    [[nodiscard]] Result<VmHandle> put(Unique<machine::VmConfig> config, VmId id, Unique<Belongings> belongings)
        EXCLUDES(lock_);
    [[nodiscard]] Result<Slot*> begin_loading(VmHandle vm) EXCLUDES(lock_);
    void end_loading(Slot& slot) EXCLUDES(lock_);
    [[nodiscard]] Result<Slot*> begin_use(VmHandle vm) EXCLUDES(lock_);
    void end_use(Slot& slot) EXCLUDES(lock_);
    void forget_in(Slot& slot) REQUIRES(lock_);
    void leave_if_abandoned(Slot& slot) REQUIRES(lock_);
    void restart(Vm& vm);
    void retire(Vm& vm, bool last);
    /// @return whether that was the last VM that could run again
    bool leave();

    const Resources resources_;
    tee::manager::Service* for_host_ = nullptr; ///< none: not offered
    std::atomic<bool> admitting_ = false;       ///< one at a time; no lock, because OP-TEE is called meanwhile

    std::atomic<u64> tickets_ = 1;
    u64 last_handle_ GUARDED_BY(lock_) = 0;
    VmIdPool ids_;  ///< outlives the slots, which have leases
    SpinLock lock_; ///< the slots but their jobs, and their VMs' pointers to secure services
    std::array<Slot, max_vms> slots_{};
    PowerOff power_off_{*this};
    std::atomic<bool> power_off_asked_ = false;
    EndOthers end_others_{*this};
    std::atomic<bool> ending_ = false; ///< the host has powered off: no VM starts any more
    std::atomic<unsigned> alive_ = 1;  ///< VMs that may run again, plus one until all_created()
};

} // namespace trv::vm

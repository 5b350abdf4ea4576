#pragma once
// All VMs of the machine: made from their descriptions, and seen to their end.

#include "arch/page_table_format.hpp"
#include "console/events.hpp"
#include "console/monitor.hpp"
#include "lib/spinlock.hpp"
#include "lib/unique.hpp"
#include "machine/description.hpp"
#include "vm/job.hpp"
#include "vm/per_cpu.hpp"
#include "vm/vm.hpp"

#include <array>
#include <span>

namespace trv::vm {

class Manager {
  public:
    /// @param cpus online CPUs, in the order of the machine description
    constexpr Manager(std::span<PerCpu> cpus) : cpus_(cpus) {
        for (Slot& slot : slots_) {
            slot.manager = this;
        }
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    /// Boot CPU, before anything is created.
    void configure(unsigned online_cpus, const arch::TranslationLimits& limits);

    /// Makes and starts a VM; a failure is logged and told as an event. @return whether it starts
    bool create(const machine::VmDescription& description);
    /// The VM cannot be made: says so.
    void refuse(std::string_view name, std::string_view reason);

    /// Ends the machine once no VM is left; to be called when all that were described have been created or refused.
    void all_created();

    [[noreturn]] void power_off_machine(console::PowerOffReason reason);

    /// Answers the monitor's commands about VMs.
    void add_monitor_commands();

    // For Vm.

    [[nodiscard]] const arch::TranslationLimits& limits() const { return limits_; }
    [[nodiscard]] IntId virtual_timer() const;
    [[nodiscard]] PerCpu& home_of(const machine::VmDescription& description, unsigned vcpu);
    void on_running(Vm& vm);
    /// Its images make no system: it goes without ever having run.
    void on_load_failed(Vm& vm, std::string_view why);
    /// No vCPU of it runs any more. What follows depends on why, and on its policies.
    void on_stopped(Vm& vm);

  private:
    /// A place in the table, and the job that empties it.
    struct Slot final : Job {
        bool step() override;

        Manager* manager = nullptr;
        Unique<Vm> vm;
    };

    /// Ends the machine from outside whatever asked for it, whose locks the end would wait for.
    struct PowerOff final : Job {
        explicit constexpr PowerOff(Manager& m) : manager(m) {}
        bool step() override { manager.power_off_machine(console::PowerOffReason::Monitor); }
        Manager& manager;
    };

    void restart(Vm& vm);
    void retire(Vm& vm);
    void on_retired();
    static void command_list(void* manager, std::string_view arguments, console::Reply& reply);
    static void command_power_off(void* manager, std::string_view arguments, console::Reply& reply);

    std::span<PerCpu> cpus_;
    unsigned online_cpus_ = 0;
    unsigned next_cpu_ = 0; ///< where the next VM without affinity begins
    arch::TranslationLimits limits_{};

    SpinLock lock_; ///< the slots' pointers
    std::array<Slot, max_vms> slots_{};
    PowerOff power_off_{*this};
    std::atomic<bool> power_off_asked_ = false;
    std::atomic<unsigned> alive_ = 1; ///< VMs, plus one until all_created()
};

} // namespace trv::vm

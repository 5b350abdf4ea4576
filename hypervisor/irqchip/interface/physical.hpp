// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the hypervisor needs of the machine's interrupt controller. A driver is a folder here; chip.hpp names the one
// that the image has.
//
// Priority drop and deactivation are split: drop_priority() allows other interrupts, deactivate() (or the guest,
// through a list register that is mapped to hardware) ends the interrupt.

#include "lib/intid.hpp"
#include "lib/result.hpp"

#include <concepts>

namespace trv::machine {
struct InterruptController;
}
namespace trv::memory {
class HostSpace;
}

namespace trv::irqchip {

enum class Trigger : u8 { Level, Edge };

/// SGIs and PPIs of one CPU. Only that CPU may use it. Masks have one bit per interrupt; bits that are 0 change
/// nothing.
template <typename T>
concept CpuInterruptsDriver = requires(T own, IntId intid, Trigger trigger, u32 mask) {
    own.enable(intid);
    own.set_trigger(intid, trigger);
    // Both return once they have taken effect.
    own.set_active(mask);
    own.clear_active(mask);
};

/// SPIs from any CPU; the static functions are the calling CPU's interface.
template <typename T>
concept GicDriver = requires(T gic, const machine::InterruptController& described, memory::HostSpace& space,
                             IntId intid, Trigger trigger, unsigned cpu, u64 mpidr) {
    // Takes over what all CPUs share, on the boot CPU; then each CPU its own part.
    { gic.start(described, space) } -> std::same_as<Result<void>>;
    { gic.init_cpu(cpu, mpidr) } -> std::same_as<Result<void>>;
    { gic.of_cpu(cpu) } -> CpuInterruptsDriver;
    { gic.interrupts() } -> std::same_as<unsigned>;
    // The page of the CPU interface that guests access without an exit; 0: they use system registers.
    { gic.guest_registers() } -> std::same_as<Pa>;
    // What the caller has written before is visible to the handler.
    gic.enable(intid);
    // Afterwards no CPU takes it, except one that is about to.
    gic.disable(intid);
    // Precondition: it is disabled.
    gic.set_trigger(intid, trigger);
    gic.route(intid, mpidr);
    // For what is not completed by who acknowledged it. Both return once they have taken effect.
    gic.clear_active(intid);
    gic.clear_pending(intid);
    // While it is active, a level shows its wire, an edge whether another has come.
    { gic.is_pending(intid) } -> std::same_as<bool>;
    { T::acknowledge() } -> std::same_as<IntId>;
    T::drop_priority(intid);
    T::deactivate(intid);
    T::send_sgi(intid, mpidr);
};

} // namespace trv::irqchip

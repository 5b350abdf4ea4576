// SPDX-License-Identifier: Apache-2.0
#pragma once
// The physical GICv2 with virtualization extensions, as seen from the Non-secure world, or where there is one security
// state. Firmware has put the interrupts into Group 1.

#include "irqchip/interface/physical.hpp"
#include "lib/limits.hpp"
#include "sync/spinlock.hpp"

#include <array>

namespace trv::irqchip {

/// SGIs and PPIs of one CPU, which the distributor has for each. Only that CPU may use it.
class Gicv2CpuInterrupts {
  public:
    void enable(IntId private_interrupt) const;
    void set_trigger(IntId ppi, Trigger trigger) const;

    /// Masks have one bit per private interrupt; bits that are 0 change nothing. Both return once that has taken
    /// effect.
    void set_active(u32 mask) const;
    void clear_active(u32 mask) const;
};

class Gicv2 {
  public:
    constexpr Gicv2() = default;
    Gicv2(const Gicv2&) = delete;
    Gicv2& operator=(const Gicv2&) = delete;

    /// Maps the frames, and takes over the distributor: all SPIs disabled, inactive, of one priority, without a target.
    /// Once, on the boot CPU.
    /// @return Error::Unsupported for an interrupt controller of another kind, or without virtualization extensions;
    ///         errors of mapping it
    [[nodiscard]] Result<void> start(const machine::InterruptController& described, memory::HostSpace& space);
    /// The same of mapped frames, whose addresses gicv2_frames has.
    [[nodiscard]] Result<void> init();

    /// Takes over private interrupts, CPU interface and virtual interface of the calling CPU.
    /// @param cpu   its index, below max_cpus
    /// @param mpidr its affinity
    [[nodiscard]] Result<void> init_cpu(unsigned cpu, u64 mpidr);

    [[nodiscard]] Gicv2CpuInterrupts& of_cpu(unsigned) { return own_; }

    /// @return the number of INTIDs, private ones included; at most 1020
    [[nodiscard]] unsigned interrupts() const { return interrupts_; }

    /// The CPU interface that guests use: the page that causes no exit. That of GICV_DIR follows it.
    [[nodiscard]] Pa guest_registers() const { return guest_registers_; }

    // SPIs. Precondition: intid.is_spi() and below interrupts().
    void enable(IntId spi) const;
    void disable(IntId spi) const;
    void set_trigger(IntId spi, Trigger trigger);
    /// @param mpidr  of the target CPU: one that is initialised, or else the calling CPU
    void route(IntId spi, u64 mpidr);
    void clear_active(IntId spi) const;
    void clear_pending(IntId spi) const;
    [[nodiscard]] bool is_pending(IntId spi) const;

    // CPU interface of the calling CPU.
    /// An SGI is completed at once: that takes the number of its sender, which nothing else needs. It is an edge.
    /// @return the interrupt, now active; is_special() if none was pending
    [[nodiscard]] static IntId acknowledge();
    static void drop_priority(IntId acknowledged);
    static void deactivate(IntId acknowledged);
    /// Earlier writes are visible to the target's handler.
    static void send_sgi(IntId sgi, u64 mpidr);

  private:
    Gicv2CpuInterrupts own_;
    unsigned interrupts_ = 0;
    bool one_security_state_ = false;
    Pa guest_registers_;
    SpinLock config_lock_; ///< ICFGR and ITARGETSR have no set and clear forms
};

} // namespace trv::irqchip

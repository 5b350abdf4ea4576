// SPDX-License-Identifier: Apache-2.0
#pragma once
// The physical GICv3 as seen from the Non-secure world. Firmware has configured Group 1 Non-secure interrupts; this
// code accesses no Secure register.

#include "irqchip/interface/physical.hpp"
#include "lib/limits.hpp"
#include "sync/spinlock.hpp"

#include <array>
#include <span>

namespace trv::irqchip {

/// A mapped range of consecutive redistributors.
struct RedistributorRegion {
    Va base;
    u64 size = 0;
};

/// SGIs and PPIs of one CPU. Only that CPU may use it; boot code constructs it.
class Redistributor {
  public:
    constexpr Redistributor() = default;
    constexpr explicit Redistributor(Va base) : base_(base) {}

    /// Leaves sleep, then all private interrupts disabled, inactive, Group 1, of one priority.
    /// Waits for the hardware, whose answer takes microseconds [GICv3 11.1].
    void init() const;

    void enable(IntId private_interrupt) const;
    void set_trigger(IntId ppi, Trigger trigger) const;

    /// Masks have one bit per private interrupt; bits that are 0 change nothing. Both return once that has taken
    /// effect.
    void set_active(u32 mask) const;
    void clear_active(u32 mask) const;

  private:
    [[nodiscard]] constexpr Va bank_register(u64 offset) const { return base_ + sgi_base_offset + offset; }
    void wait_for_writes() const;

    static constexpr u64 sgi_base_offset = 64 * KiB;
    Va base_;
};

class Gicv3 {
  public:
    constexpr Gicv3() = default;
    Gicv3(const Gicv3&) = delete;
    Gicv3& operator=(const Gicv3&) = delete;

    /// As init(), of what the device tree describes.
    /// @return Error::Unsupported for an interrupt controller of another kind; errors of init() and of mapping it
    [[nodiscard]] Result<void> start(const machine::InterruptController& described, memory::HostSpace& space);

    /// Takes over the distributor: all SPIs disabled and inactive, of one priority, Group 1 enabled. Once, on the boot
    /// CPU.
    /// @param stride  distance of two redistributors in a region; 0 if the device tree does not say
    /// @return        Error::Unsupported if it is not a GICv3 or later, Error::TooMany for more regions than CPUs
    [[nodiscard]] Result<void> init(Va distributor, std::span<const RedistributorRegion> regions, u64 stride);

    /// Takes over redistributor, CPU interface and virtual interface of the calling CPU.
    /// @param cpu   its index, below max_cpus
    /// @param mpidr its affinity
    /// @return      Error::NotFound if no redistributor has this affinity
    [[nodiscard]] Result<void> init_cpu(unsigned cpu, u64 mpidr);

    /// Precondition: init_cpu(cpu) has succeeded.
    [[nodiscard]] Redistributor& of_cpu(unsigned cpu) { return redistributors_[cpu]; }

    /// @return the number of INTIDs, private ones included; at most 1020
    [[nodiscard]] unsigned interrupts() const { return interrupts_; }

    [[nodiscard]] static constexpr Pa guest_registers() { return Pa(0); }

    // SPIs. Precondition: intid.is_spi() and below interrupts().
    void enable(IntId spi) const;
    void disable(IntId spi) const;
    void set_trigger(IntId spi, Trigger trigger);
    /// @param mpidr  of the target CPU
    void route(IntId spi, u64 mpidr) const;
    void clear_active(IntId spi) const;
    void clear_pending(IntId spi) const;
    [[nodiscard]] bool is_pending(IntId spi) const;

    // CPU interface of the calling CPU.
    /// @return the interrupt, now active; is_special() if none was pending
    [[nodiscard]] static IntId acknowledge();
    static void drop_priority(IntId acknowledged);
    static void deactivate(IntId acknowledged);
    /// Earlier writes are visible to the target's handler.
    static void send_sgi(IntId sgi, u64 mpidr);

  private:
    [[nodiscard]] Result<Va> find_redistributor(u64 mpidr) const;
    void wait_for_writes() const;

    Va distributor_;
    unsigned interrupts_ = 0;
    u64 stride_ = 0;
    std::size_t region_count_ = 0;
    std::array<RedistributorRegion, max_cpus> regions_{};
    std::array<Redistributor, max_cpus> redistributors_{};
    SpinLock config_lock_; ///< ICFGR has no set and clear forms
};

} // namespace trv::irqchip

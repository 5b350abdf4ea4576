// SPDX-License-Identifier: Apache-2.0
#pragma once
// Physical SPIs that belong to VMs. A VM holds a lease of each; the interrupt stays active from its acknowledgement
// until the guest, or the lease, deactivates it.

#include "irq/table.hpp"
#include "irqchip/chip.hpp"
#include "lib/lease.hpp"
#include "sync/spinlock.hpp"

namespace trv::irq {

/// The VM that an SPI belongs to.
class SpiSink {
  public:
    /// The interrupt was acknowledged, and its priority dropped. Context: any CPU, at EL2; the lease lives meanwhile.
    /// @param intid  the VM's name for it, as it claimed it
    virtual void spi_fired(IntId intid) = 0;

  protected:
    ~SpiSink() = default;
};

class GuestSpis;

/// One SPI of a VM: disabled at first, then as the VM's virtual interrupt controller says. At its end the interrupt is
/// disabled, neither active nor pending, and free for another VM. From any CPU; calls of one lease do not overlap.
class SpiLease final : public Lease<GuestSpis, IntId> {
  public:
    using Lease::Lease;

    [[nodiscard]] IntId physical() const { return thing(); }
};

class GuestSpis {
  public:
    constexpr GuestSpis(Table& table, irqchip::Gic& gic) : table_(table), gic_(gic) {}
    GuestSpis(const GuestSpis&) = delete;
    GuestSpis& operator=(const GuestSpis&) = delete;

    /// Gives the interrupt to a VM. It is disabled, level-sensitive, and neither active nor pending, unless its wire is
    /// asserted.
    /// @param sink   outlives the lease
    /// @param intid  what the sink calls it
    /// @return Error::OutOfRange if the machine has no such SPI, Error::Busy if it has an owner, Error::NoMemory
    [[nodiscard]] Result<SpiLease> claim(IntId physical, SpiSink& sink, IntId intid) EXCLUDES(lock_);

    /// The interrupt controller, for SPIs that are leased.
    [[nodiscard]] irqchip::Gic& gic() { return gic_; }

  private:
    friend class Lease<GuestSpis, IntId>;

    struct Slot {
        SpinLock lock; ///< held while the sink is called, so that a lease ends only afterwards, and until it has ended
        SpiSink* sink GUARDED_BY(lock) = nullptr;
        IntId intid GUARDED_BY(lock);
    };

    static void fired(void* self, IntId intid) { static_cast<GuestSpis*>(self)->deliver(intid); }
    void deliver(IntId physical);
    void give_back(IntId physical);
    [[nodiscard]] Slot& slot(IntId physical) { return slots_[physical.value - first_spi]; }

    Table& table_;
    irqchip::Gic& gic_;
    SpinLock lock_;         ///< serialises claims
    HeapArray<Slot> slots_; ///< made for the first claim; CPUs read it once an interrupt with a slot is enabled
};

} // namespace trv::irq

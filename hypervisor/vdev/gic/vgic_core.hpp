// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual GIC of one VM, without the registers that its architecture gives it: those are in vgic_v3.hpp and
// vgic_v2.hpp. The hardware provides the guest's CPU interface: acknowledging and completing an interrupt causes no exit.
// This code chooses the contents of the list registers.
//
// A vCPU is loaded on the physical CPU that runs it. Functions that say "own CPU" are called there, with interrupts
// masked; all others may be called from anywhere, in parallel. No lock is held when VcpuWaker::wake() is called; it may
// be called for the vCPU that just runs on the calling CPU, for which it should cost next to nothing.

#include "sync/spinlock.hpp"
#include "vdev/device.hpp"
#include "vdev/gic/state.hpp"

namespace trv::vdev {

class VGicCore : public InterruptController {
  public:
    static constexpr unsigned no_vcpu = max_vcpus;

    /// Memory for SPIs. @param spis  at least that many will exist; at most vgic_max_spis
    /// @return Error::NoMemory, Error::OutOfRange
    [[nodiscard]] static Result<HeapArray<VGicSpiWord>> make_spis(unsigned spis) { return VGicState::make_spis(spis); }

    VGicCore(const VGicCore&) = delete;
    VGicCore& operator=(const VGicCore&) = delete;

    /// The number of INTIDs that exist.
    [[nodiscard]] unsigned interrupts() const { return std::min(32 * words_, end_of_spis); }

    /// Resets the vCPU's CPU interface, for PSCI CPU_ON. Precondition: the vCPU is not loaded.
    void reset_vcpu(unsigned vcpu) EXCLUDES(lock_);
    /// Lets `ppi` stand for a physical PPI: its acknowledgement comes in by inject_hardware(), the guest's deactivation
    /// goes straight to the physical one. Precondition: not loaded; both are PPIs. Survives reset().
    void bind_hardware(unsigned vcpu, IntId ppi, IntId physical_ppi) EXCLUDES(lock_);
    /// The machine's distributor, and of each vCPU the MPIDR of its CPU: before bind_hardware_spi().
    void set_physical(irqchip::Gic& gic, const std::array<u64, max_vcpus>& homes) EXCLUDES(lock_);
    /// Lets `spi` stand for a physical SPI, which follows it from here on: enabled, triggered and routed as the guest's
    /// distributor says. It comes in by inject_hardware_spi(); the guest's deactivation goes straight to it. Survives
    /// reset(), which silences it. Precondition: the physical one is disabled.
    /// @return Error::OutOfRange if there is no such virtual SPI, Error::Busy if it has a physical one already
    [[nodiscard]] Result<void> bind_hardware_spi(IntId spi, IntId physical) EXCLUDES(lock_);
    /// Disables all physical SPIs and deactivates them, as far as the guest is not just handling them, until the pause
    /// ends.
    void pause_hardware(bool paused) EXCLUDES(lock_);
    /// The VM's life has ended, whether it starts again or not: its physical SPIs become as after power-on. Precondition:
    /// no vCPU is loaded.
    void silence_hardware() EXCLUDES(lock_);

    // Own CPU.

    /// Makes this CPU's virtual interface that of `vcpu`, before its timer is restored: a physical PPI that the vCPU
    /// has not completed becomes active again and cannot fire.
    void load(unsigned vcpu, irqchip::CpuInterrupts& own) EXCLUDES(lock_);
    /// The reverse, after its timer is saved and switched off: physical PPIs become inactive and would fire again.
    void unload(unsigned vcpu) EXCLUDES(lock_);

    [[nodiscard]] bool needs_flush(unsigned vcpu) const {
        // Relaxed: see VGicStaleFlags.
        return stale_[vcpu].load(std::memory_order_relaxed);
    }
    /// Call this before each entry into the guest. A load, a test and a branch if nothing has changed.
    void flush(unsigned vcpu) EXCLUDES(lock_) {
        if (needs_flush(vcpu)) [[unlikely]] {
            synchronize(vcpu);
        }
    }
    /// The GIC's maintenance interrupt came. It is level-sensitive and no longer asserted on return.
    void maintenance(unsigned vcpu) EXCLUDES(lock_) { synchronize(vcpu); }
    /// The physical interrupt behind `ppi` was acknowledged and its priority dropped; it stays active. It stays pending
    /// until the guest acknowledges it, or its wire is found low whenever the list registers are written or the guest
    /// reads its state.
    void inject_hardware(unsigned vcpu, IntId ppi) EXCLUDES(lock_);
    /// Whether that interrupt stays active because the guest has not completed it, so that it cannot come again. As of
    /// the last time that the vCPU was unloaded or synchronized.
    [[nodiscard]] bool is_hardware_held(unsigned vcpu, IntId ppi) EXCLUDES(lock_);
    /// Whether WFI has to return at once. May be true though the running priority holds the interrupt back. When false,
    /// every later change that could make it true calls VcpuWaker::wake(). Own CPU if loaded, any CPU if not.
    [[nodiscard]] bool has_deliverable(unsigned vcpu) EXCLUDES(lock_);
    /// Whether a vCPU that suspends has to wake at once: an interrupt is pending for it and enabled, whatever its CPU
    /// interface lets through, which it may have switched off on the way. When false, as above. Own CPU, loaded.
    [[nodiscard]] bool has_pending(unsigned vcpu) EXCLUDES(lock_);

    // From anywhere.

    void set_level(IntId spi, bool asserted) override EXCLUDES(lock_);
    /// Signals one edge, whatever the trigger configuration. Ignored if the SPI does not exist.
    void pulse(IntId spi) EXCLUDES(lock_);
    /// The physical interrupt behind `spi` was acknowledged and its priority dropped; it stays active. Ignored if the SPI
    /// does not exist or is not bound.
    /// @param running  the vCPU that just runs on the calling CPU and is loaded there: it has the interrupt at once, if
    ///                 it is routed there, and is not woken. `no_vcpu` is right always.
    void inject_hardware_spi(IntId spi, unsigned running) EXCLUDES(lock_);
    /// Sets the level of a PPI's input.
    void set_private_level(unsigned vcpu, IntId ppi, bool asserted) EXCLUDES(lock_);

  protected:
    /// Context: EL2; it reads the number of priority bits from the virtual interface.
    /// @param vcpus  1 to max_vcpus
    /// @param spis   from make_spis()
    VGicCore(VcpuWaker& waker, HardwareInput& inputs, unsigned vcpus, HeapArray<VGicSpiWord> spis);
    ~VGicCore() = default;

    /// A change of the state: holds the lock, and then, without it, wakes the vCPUs that the change concerns.
    class TRV_SCOPED_CAPABILITY Update {
      public:
        /// @param self  the vCPU that runs here and is flushed before its entry anyway, or `no_vcpu`
        Update(VGicCore& gic, unsigned self) ACQUIRE(gic.lock_) : gic_(gic), self_(self) { gic_.lock_.lock(); }
        ~Update() RELEASE() {
            const u32 wakes = gic_.state_.take_wakes();
            gic_.lock_.unlock();
            gic_.wake(wakes, self_);
        }
        Update(const Update&) = delete;
        Update& operator=(const Update&) = delete;

      private:
        VGicCore& gic_;
        unsigned self_;
    };

    /// A trapped deactivation by `vcpu`. Ignored for one that does not exist, or is not active there.
    void deactivate_interrupt(unsigned vcpu, u32 intid) EXCLUDES(lock_);

    VcpuWaker& waker_;
    const unsigned vcpus_;
    const unsigned words_; ///< as in VGicState, without the lock
    SpinLock lock_;
    VGicStaleFlags stale_{};
    VGicState state_ GUARDED_BY(lock_);

  private:
    void synchronize(unsigned vcpu) EXCLUDES(lock_);
    /// Writes the list registers of a loaded vCPU again. Own CPU.
    void refill(unsigned vcpu) REQUIRES(lock_);
    void wake(u32 vcpus, unsigned self) EXCLUDES(lock_);
};

} // namespace trv::vdev

// SPDX-License-Identifier: Apache-2.0
#pragma once
// All state of a virtual GIC. VGic has the lock.

#include "irqchip/chip.hpp"
#include "vdev/gic/bank.hpp"
#include "vdev/gic/vcpus.hpp"

#include <array>
#include <atomic>

namespace trv::vdev {

inline constexpr unsigned vgic_spi_words = 3;
inline constexpr unsigned vgic_words = 1 + vgic_spi_words; ///< word 0: a vCPU's own 32 interrupts
inline constexpr unsigned vgic_spis = 32 * vgic_spi_words;
inline constexpr unsigned vgic_interrupts = 32 * vgic_words;

/// For each vCPU: its list registers do not show what the state says. Written under the lock. The vCPU's own CPU reads
/// it without before it enters the guest; should it miss another CPU's change, the SGI of VcpuWaker::wake(), sent after
/// the store, makes it look again. Before the vCPU sleeps, where no SGI for it may come, it is read under the lock.
using VGicStaleFlags = std::array<std::atomic<bool>, max_vcpus>;

/// The part of one vCPU: its private interrupts, its share in the SPIs, and its CPU interface.
struct VGicCpu {
    InterruptBank own;
    std::array<u32, vgic_spi_words> routed{}; ///< IROUTER points here
    std::array<u32, vgic_spi_words> mine{};   ///< listed or active here, wherever IROUTER points now

    /// While loaded: whose private interrupts the hardware-mapped ones are. Null otherwise.
    irqchip::CpuInterrupts* redistributor = nullptr;
    unsigned listed = 0;                                  ///< list registers 0 to listed-1 hold this vCPU's interrupts
    unsigned written = 0;                                 ///< list registers from here on are 0
    std::array<u8, irqchip::max_list_registers> intids{}; ///< the INTIDs in the first `listed` ones

    u32 held = 0;                  ///< physically active on behalf of this vCPU, by virtual INTID
    std::array<u8, 32> physical{}; ///< physical INTID of each private interrupt that is `hardware`
    u64 hcr = 0;                   ///< ICH_HCR_EL2 as last written while loaded
    u64 vmcr = 0;                  ///< ICH_VMCR_EL2 while not loaded
    std::array<u64, irqchip::max_active_priority_registers> active_priorities0{}; ///< while not loaded
    std::array<u64, irqchip::max_active_priority_registers> active_priorities1{};
    bool asleep = true; ///< GICR_WAKER.ProcessorSleep

    [[nodiscard]] bool loaded() const { return redistributor != nullptr; }
};

class VGicState {
  public:
    VGicState(unsigned vcpu_count, VGicStaleFlags& stale_flags, HardwareInput& hardware_inputs);

    /// Registers and interrupts as after a reset of the GIC. Inputs keep their level, because devices drive them.
    /// Precondition: no vCPU is loaded.
    void reset();
    /// CPU interface as after a reset of the vCPU. Precondition: it is not loaded.
    void reset_cpu_interface(unsigned vcpu);

    /// @param word  0 for the private interrupts of `vcpu`, else the SPIs from 32 × word on
    [[nodiscard]] InterruptBank& bank(unsigned word, unsigned vcpu) {
        return word == 0 ? cpus[vcpu].own : spis[word - 1];
    }

    /// Call this after the interrupts in `mask` changed: marks each vCPU whose list registers no longer match.
    void touch(unsigned word, u32 mask, unsigned vcpu);
    /// As touch(), for all interrupts.
    void touch_all();
    /// Marks that the list registers of `vcpu` must be rewritten.
    void mark(unsigned vcpu);

    /// vCPUs to pass to VcpuWaker::wake() once the lock is released, one bit each. Clears the set.
    [[nodiscard]] u32 take_wakes();

    /// Ends an interrupt of `vcpu` that no list register holds. No effect if it is active on another vCPU.
    void deactivate_unlisted(IntId intid, unsigned vcpu);

    void set_level(IntId intid, unsigned vcpu, bool asserted);
    void set_pending(IntId intid, unsigned vcpu);

    /// @param affinity  IROUTER's low half: Aff2, Aff1, Aff0. If no vCPU has it, the SPI stays pending.
    void route(unsigned spi_index, u32 affinity);

    const unsigned vcpus;
    const u8 priority_mask; ///< implemented bits of a priority
    VGicStaleFlags& stale;
    HardwareInput& inputs;
    GroupMasks groups;
    std::array<InterruptBank, vgic_spi_words> spis{};
    std::array<u32, vgic_spis> affinity{}; ///< the value that IROUTER reads back
    std::array<VGicCpu, max_vcpus> cpus{};

  private:
    u32 wakes_ = 0;
};

} // namespace trv::vdev

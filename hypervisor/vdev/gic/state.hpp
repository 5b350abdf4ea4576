// SPDX-License-Identifier: Apache-2.0
#pragma once
// All state of a virtual GIC. VGicCore has the lock.

#include "irqchip/chip.hpp"
#include "lib/heap_array.hpp"
#include "vdev/gic/bank.hpp"
#include "vdev/gic/sgi_senders.hpp"
#include "vdev/gic/vcpus.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace trv::vdev {

/// Interrupts come in words of 32. Word 0 is a vCPU's own. The others are the SPIs: 3, 7, 15 or 31, so that with the
/// first one their number is a power of two, and a mask keeps an index in range even where the CPU speculates.
inline constexpr unsigned vgic_max_words = 32;
inline constexpr unsigned vgic_min_spis = 96;
inline constexpr unsigned vgic_max_spis = end_of_spis - first_spi;

/// For each vCPU: its list registers do not show what the state says. Written under the lock. The vCPU's own CPU reads
/// it without before it enters the guest; should it miss another CPU's change, the SGI of VcpuWaker::wake(), sent after
/// the store, makes it look again. Before the vCPU sleeps, where no SGI for it may come, it is read under the lock.
using VGicStaleFlags = std::array<std::atomic<bool>, max_vcpus>;

/// 32 SPIs.
struct VGicSpiWord {
    InterruptBank bank;
    std::array<u32, max_vcpus> routed{}; ///< of each vCPU: IROUTER points there
    std::array<u32, max_vcpus> mine{};   ///< of each vCPU: listed or active there, wherever IROUTER points now
    std::array<u32, 32> affinity{};      ///< the values that IROUTER, or ITARGETSR, reads back
    std::array<u16, 32> physical{};      ///< physical INTID of each one that is `hardware`
};

/// What a VM with SPIs of the machine's knows of the machine.
struct VGicPhysical {
    irqchip::Gic* gic = nullptr;
    std::array<u64, max_vcpus> homes{}; ///< of each vCPU: the MPIDR of its CPU
    bool paused = false;                ///< all its SPIs are disabled, whatever the guest says
};

/// The part of one vCPU: its private interrupts, and its CPU interface.
struct VGicCpu {
    InterruptBank own;

    /// While loaded: whose private interrupts the hardware-mapped ones are. Null otherwise.
    irqchip::CpuInterrupts* redistributor = nullptr;
    unsigned listed = 0;                                   ///< list registers 0 to listed-1 hold this vCPU's interrupts
    unsigned written = 0;                                  ///< list registers from here on are 0
    std::array<u16, irqchip::max_list_registers> intids{}; ///< the INTIDs in the first `listed` ones

    std::array<u8, 32> physical{}; ///< physical INTID of each private interrupt that is `hardware`
    u64 hcr = 0;                   ///< ICH_HCR_EL2 as last written while loaded
    u64 vmcr = 0;                  ///< ICH_VMCR_EL2 while not loaded
    std::array<u64, irqchip::max_active_priority_registers> active_priorities0{}; ///< while not loaded
    std::array<u64, irqchip::max_active_priority_registers> active_priorities1{};
    bool asleep = true; ///< GICR_WAKER.ProcessorSleep

    [[nodiscard]] bool loaded() const { return redistributor != nullptr; }
};

/// What only a virtual GICv2 has.
struct VGicV2State {
    std::array<SgiSenders, max_vcpus> senders{};
};

class VGicState {
  public:
    /// @param spi_words from make_spis()
    VGicState(unsigned vcpu_count, VGicStaleFlags& stale_flags, HardwareInput& hardware_inputs,
              HeapArray<VGicSpiWord> spi_words);

    /// @param spis at least that many will exist; at most vgic_max_spis
    /// @return Error::NoMemory, Error::OutOfRange
    [[nodiscard]] static Result<HeapArray<VGicSpiWord>> make_spis(unsigned spis);

    /// Registers and interrupts as after a reset of the GIC. Inputs keep their level, because devices drive them.
    /// Precondition: no vCPU is loaded.
    void reset();
    /// CPU interface as after a reset of the vCPU. Precondition: it is not loaded.
    void reset_cpu_interface(unsigned vcpu);

    /// @param word  0 for the private interrupts of `vcpu`, else the SPIs from 32 × word on
    [[nodiscard]] InterruptBank& bank(unsigned word, unsigned vcpu) {
        return word == 0 ? cpus[vcpu].own : spi_word(word).bank;
    }
    /// @param word  1 to words - 1
    [[nodiscard]] VGicSpiWord& spi_word(unsigned word) { return spis_.begin()[word - 1]; }
    [[nodiscard]] const VGicSpiWord& spi_word(unsigned word) const { return spis_.begin()[word - 1]; }
    /// The number of INTIDs.
    [[nodiscard]] unsigned interrupts() const { return std::min(32 * words, end_of_spis); }
    /// Which bits of a word are interrupts: the last four INTIDs are special.
    [[nodiscard]] static constexpr u32 existing(unsigned word) {
        return word == vgic_max_words - 1 ? (u32{1} << end_of_spis % 32) - 1 : ~u32{0};
    }

    /// Call this after the interrupts in `mask` changed: marks each vCPU whose list registers no longer match.
    void touch(unsigned word, u32 mask, unsigned vcpu);
    /// The same for private interrupts of `vcpu`.
    void touch_own(u32 mask, unsigned vcpu) {
        const InterruptBank& own = cpus[vcpu].own;
        // A hardware-mapped one that is neither deliverable nor placed may have to be given back to the physical GIC.
        if (((own.deliverable(groups) | own.listed | own.active | own.hardware) & mask) != 0) {
            mark(vcpu);
        }
    }
    /// As touch(), for all interrupts.
    void touch_all();
    /// Marks that the list registers of `vcpu` must be rewritten.
    void mark(unsigned vcpu);

    /// Of an SGI of a GICv2: its senders at `vcpu`. Null for all others.
    [[nodiscard]] SgiSenders* senders_of(IntId intid, unsigned vcpu) {
        if constexpr (irqchip::models_gicv2) {
            return v2 != nullptr && intid.value < first_ppi ? &v2->senders[vcpu] : nullptr;
        }
        return nullptr;
    }

    /// vCPUs to pass to VcpuWaker::wake() once the lock is released, one bit each. Clears the set.
    [[nodiscard]] u32 take_wakes();

    /// Ends an interrupt of `vcpu` that no list register holds. No effect if it is active on another vCPU.
    void deactivate_unlisted(IntId intid, unsigned vcpu);

    void set_level(IntId intid, unsigned vcpu, bool asserted);
    void set_pending(IntId intid, unsigned vcpu);

    /// @param affinity  IROUTER's low half: Aff2, Aff1, Aff0. If no vCPU has it, the SPI stays pending.
    void route(IntId spi, u32 affinity);

    const unsigned vcpus;
    const unsigned words;   ///< word 0 included; a power of two
    const u8 priority_mask; ///< implemented bits of a priority
    VGicStaleFlags& stale;
    HardwareInput& inputs;
    GroupMasks groups;
    /// Words of SPIs with anything pending, active or listed, or a line that is high, one bit each; others may be among
    /// them. Most of the time there are none.
    u32 busy = 0;
    std::array<VGicCpu, max_vcpus> cpus{};
    VGicPhysical physical;
    /// Null: it models a GICv3. Images without GICv2 do not look at it.
    VGicV2State* v2 = nullptr;

  private:
    void reset_v2();

    HeapArray<VGicSpiWord> spis_;
    u32 wakes_ = 0;
};

} // namespace trv::vdev

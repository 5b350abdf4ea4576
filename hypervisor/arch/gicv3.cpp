// SPDX-License-Identifier: Apache-2.0
#include "arch/gicv3.hpp"

#include "arch/device_write.hpp"
#include "arch/gic_layout.hpp"
#include "arch/ich.hpp"
#include "arch/mmio.hpp"
#include "arch/relax.hpp"

namespace trv::arch {
namespace {

// One priority for everything physical: EL2 takes interrupts one at a time and sorts them itself for the guests.
constexpr u32 four_priorities = 0xa0a0'a0a0;
constexpr u32 arch_revision_gicv3 = 3;

[[nodiscard]] u64 own_mpidr() {
    u64 value;
    asm("mrs %0, MPIDR_EL1" : "=r"(value));
    return value;
}

/// Aff3.Aff2.Aff1.Aff0, as GICR_TYPER has it.
[[nodiscard]] constexpr u32 packed_affinity(u64 mpidr) {
    return static_cast<u32>((mpidr & 0xff'ffff) | ((mpidr >> 8) & 0xff00'0000));
}

[[nodiscard]] constexpr u64 word_offset(u64 array, IntId intid) {
    return array + intid.word() * 4ull;
}

/// @param old  the ICFGR word that holds `intid`
[[nodiscard]] constexpr u32 with_trigger(u32 old, IntId intid, Trigger trigger) {
    const u32 edge = 2u << (2 * (intid.value % 16));
    return trigger == Trigger::Edge ? old | edge : old & ~edge;
}

[[nodiscard]] constexpr u64 config_offset(IntId intid) {
    return gic_bank::icfgr + intid.value / 16 * 4ull;
}

void init_cpu_interface() {
    // System registers for EL2 and EL1. Enable stays 0: EL1 must not switch the next guest's interface back to memory.
    asm volatile("msr ICC_SRE_EL2, %0\n\t"
                 "isb"
                 :
                 : "r"(u64{0b0111}));
    asm volatile("msr ICC_SRE_EL1, %0\n\t"
                 "isb"
                 :
                 : "r"(u64{0b0111}));
    asm volatile("msr ICC_IGRPEN1_EL1, xzr");
    asm volatile("msr ICC_AP1R0_EL1, xzr");
    asm volatile("msr ICC_PMR_EL1, %0" : : "r"(u64{0xff}));
    asm volatile("msr ICC_BPR1_EL1, xzr");
    asm volatile("msr ICC_CTLR_EL1, %0" : : "r"(u64{1} << 1)); // EOImode
    asm volatile("isb");
    asm volatile("msr ICC_IGRPEN1_EL1, %0\n\t"
                 "isb"
                 :
                 : "r"(u64{1}));
}

} // namespace

void Redistributor::wait_for_writes() const {
    while ((read32(base_ + gicr::ctlr) & gicr::ctlr_write_pending) != 0) {
        relax();
    }
}

void Redistributor::init() const {
    const u32 waker = read32(base_ + gicr::waker);
    write32(base_ + gicr::waker, waker & ~gicr::waker_processor_sleep);
    while ((read32(base_ + gicr::waker) & gicr::waker_children_asleep) != 0) {
        relax();
    }
    write32(bank_register(gic_bank::icenabler), ~u32{0});
    wait_for_writes();
    write32(bank_register(gic_bank::icactiver), ~u32{0});
    // Ignored if there are two security states: then firmware has chosen the groups.
    write32(bank_register(gic_bank::igroupr), ~u32{0});
    for (u64 offset = 0; offset < 32; offset += 4) {
        write32(bank_register(gic_bank::ipriorityr + offset), four_priorities);
    }
}

void Redistributor::enable(IntId private_interrupt) const {
    write32(bank_register(gic_bank::isenabler), private_interrupt.bit());
}

void Redistributor::set_trigger(IntId ppi, Trigger trigger) const {
    const Va address = bank_register(config_offset(ppi));
    write32(address, with_trigger(read32(address), ppi, trigger));
}

// Waited for: a guest deactivates its interrupt through the CPU interface, which no barrier orders behind a write that
// is still on its way to the redistributor. Were that write to arrive later, the interrupt would be active for ever
// with no vCPU that deactivates it, and the timer of every vCPU on this CPU dead. Nor may the next vCPU's timer run
// while an interrupt that was given back still looks active.
void Redistributor::set_active(u32 mask) const {
    write32_and_wait(bank_register(gic_bank::isactiver), mask, bank_register(gic_bank::isactiver));
}
void Redistributor::clear_active(u32 mask) const {
    write32_and_wait(bank_register(gic_bank::icactiver), mask, bank_register(gic_bank::isactiver));
}

void Gicv3::wait_for_writes() const {
    while ((read32(distributor_ + gicd::ctlr) & gicd::ctlr_write_pending) != 0) {
        relax();
    }
}

Result<void> Gicv3::init(Va distributor, std::span<const RedistributorRegion> regions, u64 stride) {
    if (((read32(distributor + gicd::pidr2) >> 4) & 0xf) < arch_revision_gicv3) {
        return fail(Error::Unsupported);
    }
    if (regions.size() > regions_.size()) {
        return fail(Error::TooMany);
    }
    distributor_ = distributor;
    stride_ = stride;
    region_count_ = regions.size();
    for (std::size_t i = 0; i < regions.size(); ++i) {
        regions_[i] = regions[i];
    }
    const u32 lines = 32 * ((read32(distributor_ + gicd::typer) & gicd::typer_lines_mask) + 1);
    interrupts_ = lines < 1020 ? lines : 1020;

    // Affinity routing must be on before anything that depends on it is written; switching it with a group enabled is
    // unpredictable [GICv3 12.9 GICD_CTLR.ARE_NS].
    write32(distributor_ + gicd::ctlr, 0);
    wait_for_writes();
    write32(distributor_ + gicd::ctlr, gicd::ctlr_affinity_routing);
    wait_for_writes();
    const bool one_security_state = (read32(distributor_ + gicd::ctlr) & gicd::ctlr_disable_security) != 0;
    for (IntId intid(32); intid.value < interrupts_; intid.value += 32) {
        write32(distributor_ + word_offset(gic_bank::icenabler, intid), ~u32{0});
        write32(distributor_ + word_offset(gic_bank::icactiver, intid), ~u32{0});
        if (one_security_state) {
            write32(distributor_ + word_offset(gic_bank::igroupr, intid), ~u32{0});
        }
        for (u64 offset = 0; offset < 32; offset += 4) {
            write32(distributor_ + gic_bank::ipriorityr + intid.value + offset, four_priorities);
        }
    }
    wait_for_writes();
    write32(distributor_ + gicd::ctlr, gicd::ctlr_affinity_routing | gicd::ctlr_enable_group1);
    wait_for_writes();
    return {};
}

Result<Va> Gicv3::find_redistributor(u64 mpidr) const {
    for (std::size_t i = 0; i < region_count_; ++i) {
        const RedistributorRegion& region = regions_[i];
        u64 offset = 0;
        while (offset + gicr::frames_size <= region.size) {
            const Va base = region.base + offset;
            const u64 type = read64(base + gicr::typer);
            if (static_cast<u32>(type >> gicr::typer_affinity_shift) == packed_affinity(mpidr)) {
                return base;
            }
            if ((type & gicr::typer_last) != 0) {
                break;
            }
            const u64 own_size = (type & gicr::typer_vlpis) != 0 ? gicr::frames_size_with_vlpis : gicr::frames_size;
            offset += stride_ != 0 ? stride_ : own_size;
        }
    }
    return fail(Error::NotFound);
}

Result<void> Gicv3::init_cpu(unsigned cpu) {
    const Va base = TRY(find_redistributor(own_mpidr()));
    redistributors_[cpu] = Redistributor(base);
    redistributors_[cpu].init();
    init_cpu_interface();
    Ich::init_cpu();
    return {};
}

void Gicv3::enable(IntId spi) const {
    write32(distributor_ + word_offset(gic_bank::isenabler, spi), spi.bit());
}

void Gicv3::set_trigger(IntId spi, Trigger trigger) {
    const Guard guard(config_lock_);
    const Va address = distributor_ + config_offset(spi);
    write32(address, with_trigger(read32(address), spi, trigger));
}

void Gicv3::route(IntId spi, u64 mpidr) const {
    write64(distributor_ + gicd::irouter + spi.value * 8ull, mpidr & gicd::irouter_affinity_mask);
}

IntId Gicv3::acknowledge() {
    u64 value;
    // The barrier makes the acknowledge take effect before the handler touches the device [GICv3 4.1.1].
    asm volatile("mrs %0, ICC_IAR1_EL1\n\t"
                 "dsb sy"
                 : "=r"(value)
                 :
                 : "memory");
    return IntId(static_cast<u32>(value));
}

void Gicv3::drop_priority(IntId acknowledged) {
    asm volatile("msr ICC_EOIR1_EL1, %0" : : "r"(u64{acknowledged.value}) : "memory");
}

void Gicv3::deactivate(IntId acknowledged) {
    asm volatile("msr ICC_DIR_EL1, %0" : : "r"(u64{acknowledged.value}) : "memory");
}

void Gicv3::send_sgi(IntId sgi, u64 mpidr) {
    const u64 affinity0 = mpidr & 0xff;
    const u64 value =
        (((mpidr >> 32) & 0xff) << icc_sgir::affinity3_shift) | (((mpidr >> 16) & 0xff) << icc_sgir::affinity2_shift) |
        (((mpidr >> 8) & 0xff) << icc_sgir::affinity1_shift) | ((affinity0 / 16) << icc_sgir::range_shift) |
        (u64{sgi.value} << icc_sgir::intid_shift) | (u64{1} << (affinity0 % 16));
    // Stores before the SGI are visible to its handler; the SGI itself is sent now, not at a later synchronization.
    asm volatile("dsb ishst\n\t"
                 "msr ICC_SGI1R_EL1, %0\n\t"
                 "isb"
                 :
                 : "r"(value)
                 : "memory");
}

} // namespace trv::arch

// SPDX-License-Identifier: Apache-2.0
#include "irqchip/gicv3/gicv3.hpp"

#include "arch/cpu/wait.hpp"
#include "arch/memory/device_write.hpp"
#include "arch/registers/icc.hpp"
#include "arch/registers/ich.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "irqchip/interface/virtual_interface.hpp"
#include "lib/fixed_vector.hpp"
#include "machine/description.hpp"
#include "memory/translation/host_space.hpp"

namespace trv::irqchip {

using arch::Icc;
using arch::Ich;
using arch::read32;
using arch::read64;
using arch::relax;
using arch::write32;
using arch::write32_and_wait;
using arch::write64;

namespace {

// One priority for everything physical: EL2 takes interrupts one at a time and sorts them itself for the guests.
constexpr u32 four_priorities = 0xa0a0'a0a0;
constexpr u32 arch_revision_gicv3 = 3;

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
    constexpr u64 system_registers = 0b0111;
    Icc::set_sre(system_registers, system_registers);
    Icc::set_igrpen1(0);
    Icc::set_ap1r0(0);
    Icc::set_pmr(0xff);
    Icc::set_bpr1(0);
    constexpr u64 eoi_mode = u64{1} << 1;
    Icc::set_ctlr(eoi_mode);
    Icc::set_igrpen1(1);
}

/// Clears the state of the interface's previous user: no interrupt listed, no priority active, interface off.
void init_virtual_interface() {
    const u64 type = Ich::vtr();
    Ich::set_hcr(0);
    for (unsigned n = 0; n < ich_vtr::list_registers(type); ++n) {
        Ich::set_list_register(n, 0);
    }
    for (unsigned n = 0; n < ich_vtr::active_priority_registers(type); ++n) {
        Ich::set_active_priorities0(n, 0);
        Ich::set_active_priorities1(n, 0);
    }
    Ich::set_vmcr(ich_vmcr::reset_value(type));
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

Result<void> Gicv3::start(const machine::InterruptController& described, memory::HostSpace& space) {
    if (described.compatible != machine::gicv3_compatible) {
        return fail(Error::Unsupported);
    }
    FixedVector<RedistributorRegion, machine::max_redistributor_regions> regions;
    for (const PaRange& region : std::span(described.registers.begin(), described.registers.size()).subspan(1)) {
        (void)regions.push_back(
            {TRY(space.map_device(region)), region.size}); // has the same capacity as the description
    }
    const Va distributor = TRY(space.map_device(described.registers[0]));
    return init(distributor, {regions.begin(), regions.size()}, described.redistributor_stride);
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

Result<void> Gicv3::init_cpu(unsigned cpu, u64 mpidr) {
    redistributors_[cpu] = Redistributor(TRY(find_redistributor(mpidr)));
    redistributors_[cpu].init();
    init_cpu_interface();
    init_virtual_interface();
    return {};
}

void Gicv3::enable(IntId spi) const {
    arch::wait_for_accesses(); // the handler may run at once, on another CPU
    write32(distributor_ + word_offset(gic_bank::isenabler, spi), spi.bit());
}

// The distributor forwards nothing more once the write is complete [GICv3 12.9.3 GICD_CTLR.RWP].
void Gicv3::disable(IntId spi) const {
    write32(distributor_ + word_offset(gic_bank::icenabler, spi), spi.bit());
    wait_for_writes();
}

void Gicv3::set_trigger(IntId spi, Trigger trigger) {
    const Guard guard(config_lock_);
    const Va address = distributor_ + config_offset(spi);
    write32(address, with_trigger(read32(address), spi, trigger));
}

void Gicv3::route(IntId spi, u64 mpidr) const {
    write64(distributor_ + gicd::irouter + spi.value * 8ull, mpidr & gicd::irouter_affinity_mask);
}

void Gicv3::clear_active(IntId spi) const {
    write32_and_wait(distributor_ + word_offset(gic_bank::icactiver, spi), spi.bit(),
                     distributor_ + word_offset(gic_bank::isactiver, spi));
}

void Gicv3::clear_pending(IntId spi) const {
    write32_and_wait(distributor_ + word_offset(gic_bank::icpendr, spi), spi.bit(),
                     distributor_ + word_offset(gic_bank::ispendr, spi));
}

bool Gicv3::is_pending(IntId spi) const {
    return (read32(distributor_ + word_offset(gic_bank::ispendr, spi)) & spi.bit()) != 0;
}

IntId Gicv3::acknowledge() {
    return IntId(static_cast<u32>(Icc::iar1()));
}

void Gicv3::drop_priority(IntId acknowledged) {
    Icc::set_eoir1(acknowledged.value);
}

void Gicv3::deactivate(IntId acknowledged) {
    Icc::set_dir(acknowledged.value);
}

void Gicv3::send_sgi(IntId sgi, u64 mpidr) {
    const u64 affinity0 = mpidr & 0xff;
    Icc::set_sgi1r((((mpidr >> 32) & 0xff) << icc_sgir::affinity3_shift) |
                   (((mpidr >> 16) & 0xff) << icc_sgir::affinity2_shift) |
                   (((mpidr >> 8) & 0xff) << icc_sgir::affinity1_shift) | ((affinity0 / 16) << icc_sgir::range_shift) |
                   (u64{sgi.value} << icc_sgir::intid_shift) | (u64{1} << (affinity0 % 16)));
}

} // namespace trv::irqchip

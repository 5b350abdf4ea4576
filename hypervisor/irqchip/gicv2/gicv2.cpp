// SPDX-License-Identifier: Apache-2.0
#include "irqchip/gicv2/gicv2.hpp"

#include "arch/memory/device_write.hpp"
#include "irqchip/gicv2/frames.hpp"
#include "irqchip/gicv2/layout.hpp"
#include "irqchip/gicv2/virtual_interface.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "machine/description.hpp"
#include "memory/translation/host_space.hpp"

#include <algorithm>

namespace trv::irqchip {

using arch::read32;
using arch::write32;
using arch::write32_and_wait;

namespace {

// One priority for everything physical: EL2 takes interrupts one at a time and sorts them itself for the guests.
constexpr u32 four_priorities = 0xa0a0'a0a0;
constexpr u32 architecture_revision = 2;
constexpr u32 everything = ~u32{0};

[[nodiscard]] Va distributor(u64 offset) {
    return gicv2_frames.distributor + offset;
}
[[nodiscard]] Va cpu_interface(u64 offset) {
    return gicv2_frames.cpu_interface + offset;
}
[[nodiscard]] Va word_register(u64 array, IntId intid) {
    return distributor(array + intid.word() * 4ull);
}

void write_config(IntId intid, Trigger trigger) {
    const Va address = distributor(gic_bank::icfgr + intid.value / 16 * 4ull);
    const u32 edge = 2u << (2 * (intid.value % 16));
    const u32 old = read32(address);
    write32(address, trigger == Trigger::Edge ? old | edge : old & ~edge);
}

/// All 32 interrupts of a word.
void reset_word(unsigned word, bool one_security_state) {
    write32(distributor(gic_bank::icenabler + 4ull * word), everything);
    write32(distributor(gic_bank::icactiver + 4ull * word), everything);
    if (one_security_state) { // otherwise firmware has chosen the groups
        write32(distributor(gic_bank::igroupr + 4ull * word), 0);
    }
    for (u64 offset = 0; offset < 32; offset += 4) {
        write32(distributor(gic_bank::ipriorityr + 32ull * word + offset), four_priorities);
    }
}

/// The calling CPU's bit: the targets of its private interrupts, as far as those exist [GICv2 4.3.12].
[[nodiscard]] u32 own_interface() {
    for (u64 offset = 0; offset < 32; offset += 4) {
        u32 targets = read32(distributor(gicd_v2::itargetsr + offset));
        targets |= targets >> 16;
        targets |= targets >> 8;
        if ((targets & 0xff) != 0) {
            return targets & 0xff;
        }
    }
    return 1; // there is one CPU: all of these read as zero
}

void init_cpu_interface() {
    write32(cpu_interface(gicc::ctlr), 0);
    write32(cpu_interface(gicc::apr), 0);
    write32(cpu_interface(gicc::pmr), 0xff);
    write32(cpu_interface(gicc::bpr), 0);
    write32(cpu_interface(gicc::ctlr), gicc::ctlr_enable_own | gicc::ctlr_eoi_mode);
}

/// Clears the state of the interface's previous user: no interrupt listed, no priority active, interface off.
void init_virtual_interface() {
    using Virtual = Gicv2VirtualInterface;
    Virtual::set_hcr(0);
    for (unsigned n = 0; n < ich_vtr::list_registers(Virtual::vtr()); ++n) {
        Virtual::set_list_register(n, 0);
    }
    Virtual::set_active_priorities0(0, 0);
    Virtual::set_vmcr(0);
}

/// @param range  of a CPU interface, or of the guests'
[[nodiscard]] Result<Va> map_pages(PaRange range, memory::HostSpace& space) {
    return TRY(space.map_device(range)) + offset_of_pages(range.size);
}

} // namespace

void Gicv2CpuInterrupts::enable(IntId private_interrupt) const {
    write32(distributor(gic_bank::isenabler), private_interrupt.bit());
}

void Gicv2CpuInterrupts::set_trigger(IntId ppi, Trigger trigger) const {
    write_config(ppi, trigger);
}

// Waited for, for the reasons that the GICv3's driver has.
void Gicv2CpuInterrupts::set_active(u32 mask) const {
    write32_and_wait(distributor(gic_bank::isactiver), mask, distributor(gic_bank::isactiver));
}
void Gicv2CpuInterrupts::clear_active(u32 mask) const {
    write32_and_wait(distributor(gic_bank::icactiver), mask, distributor(gic_bank::isactiver));
}

Result<void> Gicv2::start(const machine::InterruptController& described, memory::HostSpace& space) {
    if (std::ranges::find(machine::gicv2_compatibles, described.compatible) == std::end(machine::gicv2_compatibles)) {
        return fail(Error::Unsupported);
    }
    const PaRange guests = described.registers[3];
    if (guests.size < offset_of_pages(guests.size) + gicc::size || !guests.base.is_aligned(page_size)) {
        return fail(Error::Unsupported);
    }
    guest_registers_ = guests.base + offset_of_pages(guests.size);
    gicv2_frames.distributor = TRY(space.map_device(described.registers[0]));
    gicv2_frames.cpu_interface = TRY(map_pages(described.registers[1], space));
    gicv2_frames.virtual_control = TRY(space.map_device(described.registers[2]));
    return init();
}

Result<void> Gicv2::init() {
    const u32 identity = read32(distributor(gicd_v2::icpidr2));
    if (((identity >> gicd_v2::icpidr2_revision_shift) & 0xf) != architecture_revision) {
        return fail(Error::Unsupported);
    }
    const u32 type = read32(distributor(gicd_v2::typer));
    interrupts_ = std::min(32 * ((type & gicd_v2::typer_lines_mask) + 1), end_of_spis);
    one_security_state_ = (type & gicd_v2::typer_security) == 0;
    gicv2_frames.virtual_type = ich_vtr_of(read32(gicv2_frames.virtual_control + gich::vtr));
    // QEMU's model does not look at a level's wire again when a guest deactivates the interrupt through its list register,
    // so that one which stays asserted would be lost. It has no product number; those of 64-bit CPUs do.
    gicv2_frames.deactivates_physical = read32(distributor(gicd_v2::iidr)) >> gicd_v2::iidr_product_shift != 0;

    write32(distributor(gicd_v2::ctlr), 0);
    for (unsigned word = 1; 32 * word < interrupts_; ++word) {
        reset_word(word, one_security_state_);
        for (u64 offset = 0; offset < 32; offset += 4) {
            write32(distributor(gicd_v2::itargetsr + 32ull * word + offset), 0);
        }
    }
    write32(distributor(gicd_v2::ctlr), gicd_v2::ctlr_enable_own);
    return {};
}

Result<void> Gicv2::init_cpu(unsigned cpu, u64 mpidr) {
    gicv2_frames.targets[cpu] = {mpidr, own_interface()};
    reset_word(0, one_security_state_);
    init_cpu_interface();
    init_virtual_interface();
    return {};
}

void Gicv2::enable(IntId spi) const {
    arch::wait_for_accesses(); // the handler may run at once, on another CPU
    write32(word_register(gic_bank::isenabler, spi), spi.bit());
}

void Gicv2::disable(IntId spi) const {
    write32_and_wait(word_register(gic_bank::icenabler, spi), spi.bit(), word_register(gic_bank::isenabler, spi));
}

void Gicv2::set_trigger(IntId spi, Trigger trigger) {
    const Guard guard(config_lock_);
    write_config(spi, trigger);
}

void Gicv2::route(IntId spi, u64 mpidr) {
    const u32 known = gicv2_frames.interface_of(mpidr);
    const u32 target = known != 0 ? known : own_interface();
    const unsigned shift = 8 * (spi.value % 4);
    const Va address = distributor(gicd_v2::itargetsr + spi.value / 4 * 4ull);
    const Guard guard(config_lock_);
    write32(address, (read32(address) & ~(u32{0xff} << shift)) | target << shift);
}

void Gicv2::clear_active(IntId spi) const {
    write32_and_wait(word_register(gic_bank::icactiver, spi), spi.bit(), word_register(gic_bank::isactiver, spi));
}

void Gicv2::clear_pending(IntId spi) const {
    write32_and_wait(word_register(gic_bank::icpendr, spi), spi.bit(), word_register(gic_bank::ispendr, spi));
}

bool Gicv2::is_pending(IntId spi) const {
    return (read32(word_register(gic_bank::ispendr, spi)) & spi.bit()) != 0;
}

IntId Gicv2::acknowledge() {
    const u32 value = read32(cpu_interface(gicc::iar));
    arch::wait_for_accesses(); // the acknowledge takes effect before the handler touches the device
    const IntId intid(value & gicc::intid_mask);
    if (intid.value < first_ppi) {
        write32(cpu_interface(gicc::eoir), value);
        write32(cpu_interface(gicc::dir_page), value);
    }
    return intid;
}

void Gicv2::drop_priority(IntId acknowledged) {
    if (acknowledged.value >= first_ppi) {
        write32(cpu_interface(gicc::eoir), acknowledged.value);
    }
}

void Gicv2::deactivate(IntId acknowledged) {
    if (acknowledged.value >= first_ppi) {
        write32(cpu_interface(gicc::dir_page), acknowledged.value);
    }
}

void Gicv2::send_sgi(IntId sgi, u64 mpidr) {
    arch::wait_for_accesses(); // earlier writes are visible to the target's handler
    write32(distributor(gicd_v2::sgir), gicv2_frames.interface_of(mpidr) << gicd_v2::sgir_targets_shift | sgi.value);
}

} // namespace trv::irqchip

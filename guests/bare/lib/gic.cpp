// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/gic.hpp"

#include "guest/layout.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/mmio.hpp"
#include "irqchip/gicv3/layout.hpp"

#include <algorithm>

namespace trv::bare::gic {
namespace {

namespace gicd = irqchip::gicd;
namespace gicr = irqchip::gicr;
namespace reg = irqchip::gic_bank;

constexpr u64 distributor = guest::gicd_base.value;
constexpr u64 eoi_mode_bit = 1 << 1;  // ICC_CTLR_EL1.EOImode [GICv3 12.2]
constexpr unsigned active_bound = 64; // no more priorities can be active at once, whatever the implementation

u64 redistributor() {
    return guest::gicr_base.value + this_cpu().index * guest::gicr_size_per_vcpu;
}

u64 frame_of(u32 intid) {
    return intid < first_spi ? redistributor() + gicr::sgi_base : distributor;
}

void write_bit(u64 array, u32 intid) {
    mmio_write<u32>(register_of(array, intid, 1), u32{1} << intid % 32);
}

bool read_bit(u64 array, u32 intid) {
    return (mmio_read<u32>(register_of(array, intid, 1)) >> intid % 32 & 1) != 0;
}

/// One register for each 32 interrupts of a frame.
void reset_bank(u64 frame, u32 word) {
    mmio_write(frame + reg::icenabler + 4 * word, ~u32{0});
    mmio_write(frame + reg::icpendr + 4 * word, ~u32{0});
    mmio_write(frame + reg::icactiver + 4 * word, ~u32{0});
    mmio_write(frame + reg::igroupr + 4 * word, ~u32{0});
    for (u32 i = 0; i < 8; ++i) {
        mmio_write(frame + reg::ipriorityr + 32 * word + 4 * i, default_priority * 0x0101'0101U);
    }
    mmio_write(frame + reg::icfgr + 8 * word, u32{0});
    mmio_write(frame + reg::icfgr + 8 * word + 4, u32{0});
}

} // namespace

u64 register_of(u64 array, u32 intid, unsigned bits) {
    return frame_of(intid) + array + intid * bits / 32 * 4;
}

unsigned interrupts() {
    return 32 * ((mmio_read<u32>(distributor + gicd::typer) & gicd::typer_lines_mask) + 1);
}

void enable_group1(bool on) {
    mmio_write<u32>(distributor + gicd::ctlr, gicd::ctlr_affinity_routing | (on ? gicd::ctlr_enable_group1 : 0));
}

void reset_distributor() {
    const unsigned count = interrupts();
    for (u32 word = 1; word < count / 32; ++word) {
        reset_bank(distributor, word);
    }
    for (u32 spi = first_spi; spi < std::min(count, end_of_spis); ++spi) {
        route(spi, 0);
    }
    enable_group1(true);
}

void reset_cpu() {
    const u64 waker = redistributor() + gicr::waker;
    mmio_write<u32>(waker, 0);
    while ((mmio_read<u32>(waker) & gicr::waker_children_asleep) != 0) {
        asm volatile("yield");
    }
    reset_bank(redistributor() + gicr::sgi_base, 0);
    constexpr u64 system_registers = 1;
    IccSreEl1::write(system_registers);
    isb();
    IccPmrEl1::write(0xff);
    IccBpr1El1::write(0);
    IccIgrpen1El1::write(1);
    set_eoi_mode(EoiMode::DropsAndDeactivates);
    // Priorities that an earlier test left active: the interrupts are inactive by now, so which one is named is the
    // same.
    for (unsigned i = 0; i < active_bound && IccRprEl1::read() != 0xff; ++i) {
        complete(0);
    }
}

void reset() {
    reset_distributor();
    reset_cpu();
}

void enable(u32 intid) {
    write_bit(reg::isenabler, intid);
}
void disable(u32 intid) {
    write_bit(reg::icenabler, intid);
}
void set_pending(u32 intid) {
    write_bit(reg::ispendr, intid);
}
void clear_pending(u32 intid) {
    write_bit(reg::icpendr, intid);
}
void set_active(u32 intid) {
    write_bit(reg::isactiver, intid);
}
void clear_active(u32 intid) {
    write_bit(reg::icactiver, intid);
}
bool is_enabled(u32 intid) {
    return read_bit(reg::isenabler, intid);
}
bool is_pending(u32 intid) {
    return read_bit(reg::ispendr, intid);
}
bool is_active(u32 intid) {
    return read_bit(reg::isactiver, intid);
}

void set_priority(u32 intid, u8 priority) {
    mmio_write(frame_of(intid) + reg::ipriorityr + intid, priority);
}

void set_trigger(u32 intid, Trigger trigger) {
    const u64 address = register_of(reg::icfgr, intid, 2);
    const u32 bit = u32{2} << 2 * (intid % 16);
    const u32 others = mmio_read<u32>(address) & ~bit;
    mmio_write<u32>(address, others | (trigger == Trigger::Edge ? bit : 0));
}

void route(u32 spi, unsigned target) {
    mmio_write<u64>(distributor + gicd::irouter + u64{8} * spi, target);
}

void set_eoi_mode(EoiMode mode) {
    const u64 others = IccCtlrEl1::read() & ~eoi_mode_bit;
    IccCtlrEl1::write(others | (mode == EoiMode::DropsOnly ? eoi_mode_bit : 0));
    isb();
}

void send_sgi(u32 intid, u16 targets) {
    dsb(); // earlier writes are visible to the receiver
    IccSgi1rEl1::write(u64{intid} << irqchip::icc_sgir::intid_shift | targets);
    isb();
}

void send_sgi_to_others(u32 intid) {
    dsb();
    IccSgi1rEl1::write(u64{intid} << irqchip::icc_sgir::intid_shift | irqchip::icc_sgir::all_but_self);
    isb();
}

} // namespace trv::bare::gic

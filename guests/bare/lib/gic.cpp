// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/gic.hpp"

#include "guest/layout.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/mmio.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"
#include "irqchip/gicv2/layout.hpp"
#include "irqchip/gicv3/layout.hpp"

#include <algorithm>
#include <array>

namespace trv::bare::gic {
namespace {

namespace gicd = irqchip::gicd;
namespace gicr = irqchip::gicr;
namespace gicd_v2 = irqchip::gicd_v2;
namespace gicc = irqchip::gicc;
namespace reg = irqchip::gic_bank;

constexpr u64 distributor = guest::gicd_base.value;
constexpr u64 eoi_mode_bit = 1 << 1;  // ICC_CTLR_EL1.EOImode [GICv3 12.2]
constexpr unsigned active_bound = 64; // no more priorities can be active at once, whatever the implementation

/// Of a GICv2's SGIs that are active, by vCPU: what IAR said, which EOIR and DIR have to repeat.
constinit std::array<std::array<u32, first_ppi>, max_vcpus> acknowledged{};

u32 read_interface(u64 offset) {
    return mmio_read<u32>(guest::gicc_base.value + offset);
}
void write_interface(u64 offset, u32 value) {
    mmio_write<u32>(guest::gicc_base.value + offset, value);
}
u32 with_sender(u32 intid) {
    return intid < first_ppi ? acknowledged[this_cpu().index][intid] : intid;
}

u64 redistributor() {
    return guest::gicr_base.value + this_cpu().index * guest::gicr_size_per_vcpu;
}

u64 frame_of(u32 intid) {
    return intid < first_spi && !has_v2 ? redistributor() + gicr::sgi_base : distributor;
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
    mmio_write(frame + reg::igroupr + 4 * word, has_v2 ? 0 : ~u32{0});
    for (u32 i = 0; i < 8; ++i) {
        mmio_write(frame + reg::ipriorityr + 32 * word + 4 * i, default_priority * 0x0101'0101U);
    }
    mmio_write(frame + reg::icfgr + 8 * word, u32{0});
    mmio_write(frame + reg::icfgr + 8 * word + 4, u32{0});
}

} // namespace

constinit bool has_v2 = false;

void use_v2() {
    has_v2 = true;
}

u64 register_of(u64 array, u32 intid, unsigned bits) {
    return frame_of(intid) + array + intid * bits / 32 * 4;
}

unsigned interrupts() {
    return 32 * ((mmio_read<u32>(distributor + gicd::typer) & gicd::typer_lines_mask) + 1);
}

void enable_group(bool on) {
    if (has_v2) {
        mmio_write<u32>(distributor + gicd_v2::ctlr, on ? gicd_v2::ctlr_enable_group0 : 0);
        return;
    }
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
    enable_group(true);
}

namespace {

void reset_interface_v2() {
    // The senders of SGIs that are pending.
    for (u64 offset = 0; offset < first_ppi; offset += 4) {
        mmio_write(distributor + gicd_v2::cpendsgir + offset, ~u32{0});
    }
    reset_bank(distributor, 0);
    write_interface(gicc::pmr, 0xff);
    write_interface(gicc::bpr, 0);
    write_interface(gicc::ctlr, gicc::ctlr_enable_own);
}

void reset_interface_v3() {
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
}

} // namespace

void reset_cpu() {
    has_v2 ? reset_interface_v2() : reset_interface_v3();
    // Priorities that an earlier test left active: the interrupts are inactive by now, so which one is named is the
    // same.
    for (unsigned i = 0; i < active_bound && running_priority() != 0xff; ++i) {
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
    if (has_v2) {
        mmio_write(distributor + gicd_v2::itargetsr + spi, static_cast<u8>(1U << target));
        return;
    }
    mmio_write<u64>(distributor + gicd::irouter + u64{8} * spi, target);
}

u32 acknowledge_v2() {
    const u32 value = read_interface(gicc::iar);
    dsb();
    const u32 intid = value & gicc::intid_mask;
    if (intid < first_ppi) {
        acknowledged[this_cpu().index][intid] = value;
    }
    return intid;
}

void complete_v2(u32 intid) {
    write_interface(gicc::eoir, with_sender(intid));
    dsb();
}

void deactivate(u32 intid) {
    if (has_v2) {
        write_interface(gicc::dir_page, with_sender(intid));
        dsb();
        return;
    }
    IccDirEl1::write(intid);
    isb();
}

void set_priority_mask(u8 priority) {
    if (has_v2) {
        write_interface(gicc::pmr, priority);
        dsb();
        return;
    }
    IccPmrEl1::write(priority);
    isb();
}

void enable_interface(bool on) {
    if (has_v2) {
        const u32 others = read_interface(gicc::ctlr) & ~gicc::ctlr_enable_own;
        write_interface(gicc::ctlr, others | (on ? gicc::ctlr_enable_own : 0));
        dsb();
        return;
    }
    IccIgrpen1El1::write(on ? 1 : 0);
    isb();
}

void set_binary_point(u32 value) {
    if (has_v2) {
        write_interface(gicc::bpr, value);
        dsb();
        return;
    }
    IccBpr1El1::write(value);
    isb();
}

u32 highest_pending() {
    return has_v2 ? read_interface(gicc::hppir) & gicc::intid_mask : static_cast<u32>(IccHppir1El1::read());
}

u32 running_priority() {
    return has_v2 ? read_interface(gicc::rpr) : static_cast<u32>(IccRprEl1::read());
}

void set_eoi_mode(EoiMode mode) {
    if (has_v2) {
        const u32 others = read_interface(gicc::ctlr) & ~gicc::ctlr_eoi_mode;
        write_interface(gicc::ctlr, others | (mode == EoiMode::DropsOnly ? gicc::ctlr_eoi_mode : 0));
        dsb();
        return;
    }
    const u64 others = IccCtlrEl1::read() & ~eoi_mode_bit;
    IccCtlrEl1::write(others | (mode == EoiMode::DropsOnly ? eoi_mode_bit : 0));
    isb();
}

void send_sgi(u32 intid, u16 targets) {
    dsb(); // earlier writes are visible to the receiver
    if (has_v2) {
        mmio_write<u32>(distributor + gicd_v2::sgir,
                        u32{targets} << gicd_v2::sgir_targets_shift | intid); // 8 at most, as vCPUs
        return;
    }
    IccSgi1rEl1::write(u64{intid} << irqchip::icc_sgir::intid_shift | targets);
    isb();
}

void send_sgi_to_others(u32 intid) {
    dsb();
    if (has_v2) {
        mmio_write<u32>(distributor + gicd_v2::sgir, gicd_v2::sgir_to_others << gicd_v2::sgir_filter_shift | intid);
        return;
    }
    IccSgi1rEl1::write(u64{intid} << irqchip::icc_sgir::intid_shift | irqchip::icc_sgir::all_but_self);
    isb();
}

} // namespace trv::bare::gic

// SPDX-License-Identifier: Apache-2.0
// Round trips of one vCPU into the hypervisor and back.

#include "guest/layout.hpp"
#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/micro/figures.hpp"
#include "irqchip/gicv2/layout.hpp"
#include "irqchip/gicv3/layout.hpp"

namespace trv::bare::micro {
namespace {

constexpr u64 rounds = 4096;
constexpr u64 distributor = guest::gicd_base.value;

template <typename Body>
u64 measure(Body body) {
    body(); // the first time fills caches, and what the hypervisor prepares lazily
    const u64 from = now();
    for (u64 i = 0; i < rounds; ++i) {
        body();
    }
    return now() - from;
}

/// The loop itself does not count; the trapping instruction and what loads its arguments do.
template <typename Body>
void report(std::string_view name, Body body) {
    const u64 empty = measure([] { asm volatile("" ::: "memory"); });
    const u64 full = measure(body);
    print_figure(name, full > empty ? full - empty : 0, rounds);
}

#define CALL(instruction, function)                                                                                    \
    asm volatile("mov w0, %w0\n\t" instruction " #0" : : "r"(function) : "x0", "x1", "x2", "x3", "memory")

} // namespace

void traps(std::string_view) {
    constexpr u32 smccc_version = 0x8000'0000;
    constexpr u32 psci_version = 0x8400'0000;
    constexpr u32 unknown_service = 0x8200'0000;
    report("null-hypercall", [] { CALL("hvc", smccc_version); });
    report("psci-version", [] { CALL("hvc", psci_version); });
    report("refused-smc", [] { CALL("smc", unknown_service); });
    report("id-register", [] { (void)arch::IdAa64mmfr0El1::read(); });
    report("vgic-read-constant", [] { (void)mmio_read<u32>(distributor + irqchip::gicd::typer); });
    report("vgic-read-state", [] { (void)mmio_read<u32>(distributor + irqchip::gicd::ctlr); });
    report("vgic-write", [] { mmio_write<u32>(distributor + irqchip::gic_bank::isenabler + 12, 0); });
    if (!is_below_xen()) {
        report("uart-read-flags", [] { (void)mmio_read<u32>(guest::console_base.value + pl011::flags); });
    }
    // SGI 3, the target list's first: not enabled, so that it only becomes pending.
    if (gic::is_v2()) {
        report("sgi-to-self", [] { mmio_write<u32>(distributor + irqchip::gicd_v2::sgir, 0x0001'0003); });
        gic::reset();
    } else {
        report("sgi-to-self", [] { IccSgi1rEl1::write(0x0300'0001); });
        gic::clear_pending(3);
    }
    report("physical-timer-write", [] { CntpCtlEl0::write(0); });
}

#undef CALL

} // namespace trv::bare::micro

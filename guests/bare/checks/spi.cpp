// SPDX-License-Identifier: Apache-2.0
// Shared interrupts through the distributor's registers: pending, active, enabled, priority, group, route, level, edge.
// None of the interrupts used here has a device, so that software alone makes them pending.

#include "guest/layout.hpp"
#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/interrupt_wait.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/mmio.hpp"
#include "guests/bare/lib/hardware/uart.hpp"
#include "guests/bare/lib/report.hpp"
#include "irqchip/gicv3/layout.hpp"

namespace trv::bare::checks {
namespace {

constexpr u32 test_spi = 100;
constexpr u32 test_ppi = 23;

void check_life(std::string_view kind, u32 intid, gic::Trigger trigger) {
    std::array<char, 96> buffer;
    const auto name = [&](std::string_view what) { return format_to(buffer, "{}: {}", kind, what); };
    gic::reset();
    gic::set_trigger(intid, trigger);
    gic::set_pending(intid);
    check_equal(name("off, it does not arrive"), gic::acknowledge(), gic::nothing_pending);
    check(name("off, it is pending"), gic::is_pending(intid), "not pending");
    gic::clear_pending(intid);
    check(name("ICPENDR ends that"), !gic::is_pending(intid), "still pending");
    gic::enable(intid);
    check(name("ISENABLER says that it is on"), gic::is_enabled(intid), "off");
    check_equal(name("a cleared interrupt does not arrive"), gic::acknowledge(), gic::nothing_pending);
    gic::set_pending(intid);
    check_equal(name("it arrives"), gic::acknowledge(), intid);
    check(name("then it is active, not pending"), gic::is_active(intid) && !gic::is_pending(intid), "not so");
    gic::set_pending(intid);
    check(name("it can be pending again meanwhile"), gic::is_active(intid) && gic::is_pending(intid), "not so");
    check_equal(name("but not signalled twice"), gic::acknowledge(), gic::nothing_pending);
    gic::complete(intid);
    check(name("completed it is inactive"), !gic::is_active(intid), "still active");
    check_equal(name("and comes again"), gic::acknowledge(), intid);
    gic::complete(intid);
    check(name("no state remains afterwards"), !gic::is_active(intid) && !gic::is_pending(intid), "something is");
    check_equal(name("nor signalled"), gic::acknowledge(), gic::nothing_pending);
}

/// Active by software: it holds its own next signal back, until software ends that.
void check_software_active() {
    gic::reset();
    gic::enable(test_spi);
    gic::set_active(test_spi);
    check("ISACTIVER makes it active", gic::is_active(test_spi), "inactive");
    gic::set_pending(test_spi);
    check_equal("an active interrupt is not signalled", gic::acknowledge(), gic::nothing_pending);
    gic::clear_active(test_spi);
    check_equal("ICACTIVER lets it through", gic::acknowledge(), test_spi);
    gic::complete(test_spi);
}

void check_switches() {
    gic::reset();
    gic::enable(test_spi);
    gic::set_pending(test_spi);
    gic::enable_group(false);
    check_equal("GICD_CTLR holds all back", gic::acknowledge(), gic::nothing_pending);
    gic::enable_group(true);
    gic::enable_interface(false);
    check_equal("the CPU interface holds all back", gic::acknowledge(), gic::nothing_pending);
    gic::enable_interface(true);
    gic::set_priority_mask(gic::default_priority);
    check_equal("PMR holds its own priority back", gic::acknowledge(), gic::nothing_pending);
    gic::set_priority_mask(gic::default_priority + 8);
    check_equal("HPPIR returns the pending interrupt", gic::highest_pending(), test_spi);
    gic::disable(test_spi);
    check_equal("ICENABLER takes it away", gic::acknowledge(), gic::nothing_pending);
    gic::enable(test_spi);
    check_equal("and ISENABLER brings it back", gic::acknowledge(), test_spi);
    check_equal("RPR tells the running priority", gic::running_priority(), gic::default_priority);
    gic::complete(test_spi);
    check_equal("and idle after it", gic::running_priority(), 0xff);
}

/// A device's level: the console's transmit interrupt is there as long as the FIFO has room.
void check_device_level() {
    constexpr u32 intid = guest::console_intid;
    gic::reset();
    gic::enable(intid);
    console().settle();
    console().put('.'); // draining raises the interrupt
    console().put('\n');
    console().enable_interrupts(pl011::interrupt_transmit);
    check_equal("the console's level arrives", wait_for_interrupt(), intid);
    check("it stays pending while it is high", gic::is_pending(intid), "not pending");
    gic::complete(intid);
    check_equal("and comes again after completion", wait_for_interrupt(), intid);
    console().enable_interrupts(0);
    console().clear_interrupts(~u32{0});
    check("it ends with the device", !gic::is_pending(intid), "still pending");
    gic::complete(intid);
    check_equal("and does not come again", gic::acknowledge(), gic::nothing_pending);
    gic::disable(intid);
    console().put('.');
    console().put('\n');
    console().enable_interrupts(pl011::interrupt_transmit);
    check("off at the GIC, it is pending", wait_until([] { return gic::is_pending(intid); }), "not pending");
    console().enable_interrupts(0);
    console().clear_interrupts(~u32{0});
    check("and not when its device takes it back", !gic::is_pending(intid), "still pending");
    gic::enable(intid);
    check_equal("nor does it arrive then", gic::acknowledge(), gic::nothing_pending);
}

void check_registers() {
    const u64 beyond = guest::gicd_base.value + irqchip::gic_bank::isenabler + gic::interrupts() / 8;
    mmio_write<u32>(beyond, ~u32{0});
    check_equal("interrupts beyond the last do not exist", mmio_read<u32>(beyond), 0);
    gic::set_priority(test_spi, 0xff);
    const u64 priority = guest::gicd_base.value + irqchip::gic_bank::ipriorityr + test_spi;
    check_equal("priorities have five bits", mmio_read<u8>(priority), 0xf8);
    gic::set_trigger(test_spi, gic::Trigger::Edge);
    check_equal("ICFGR remembers an edge",
                mmio_read<u32>(gic::register_of(irqchip::gic_bank::icfgr, test_spi, 2)) >> 2 * (test_spi % 16) & 2, 2);
}

void take_one(void* object) {
    auto& taken = *static_cast<std::atomic<u32>*>(object);
    gic::reset_cpu();
    taken.store(0);
    const u32 intid = wait_for_interrupt();
    gic::complete(intid);
    taken.store(intid);
}

void check_route() {
    gic::reset();
    gic::enable(test_spi);
    gic::route(test_spi, 1);
    std::atomic<u32> taken = 1;
    if (start_cpu(1, take_one, &taken) != psci::Status::Success || !wait_until([&] { return taken.load() == 0; })) {
        fail_because("the route", "vCPU 1 does not start");
        return;
    }
    gic::set_pending(test_spi);
    check("the route leads to vCPU 1", wait_until([&] { return taken.load() == test_spi; }), "it took {}",
          taken.load());
    check_equal("and not here", gic::acknowledge(), gic::nothing_pending);
    check("vCPU 1 leaves", wait_until_off(1), "still on");
    gic::set_pending(test_spi);
    check_equal("an SPI routed to a powered-off vCPU stays pending", gic::acknowledge(), gic::nothing_pending);
    gic::route(test_spi, 0);
    check_equal("and follows its route", gic::acknowledge(), test_spi);
    gic::complete(test_spi);
}

} // namespace

void spi(std::string_view) {
    check_life("SPI, edge", test_spi, gic::Trigger::Edge);
    check_life("SPI, level", test_spi, gic::Trigger::Level);
    check_life("PPI, edge", test_ppi, gic::Trigger::Edge);
    check_life("PPI, level", test_ppi, gic::Trigger::Level);
    check_software_active();
    check_switches();
    check_device_level();
    check_registers();
    if (cpu_count() > 1) {
        check_route();
    }
    gic::reset();
}

} // namespace trv::bare::checks

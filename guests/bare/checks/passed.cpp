// SPDX-License-Identifier: Apache-2.0
// A device of the machine that belongs to this VM: a PL061, whose wire software alone can drive. An input that is low,
// and is to be reported when it is, asserts the interrupt as long as it is not masked. [PL061 TRM DDI0190, 3.3]

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/interrupt_wait.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/mmio.hpp"
#include "guests/bare/lib/hardware/power.hpp"
#include "guests/bare/lib/report.hpp"
#include "guests/bare/lib/words.hpp"

namespace trv::bare::checks {
namespace {

// Of QEMU's virt.
constexpr u64 base = 0x0903'0000;
constexpr u32 intid = 39;

class Pl061 {
  public:
    explicit Pl061(u64 registers) : base_(registers) {}

    [[nodiscard]] bool is_there() const { return mmio_read<u32>(base_ + part_number) == 0x61; }
    /// The interrupt is not asserted.
    void reset() const {
        lower();
        mmio_write<u32>(base_ + direction, 0);
        mmio_write<u32>(base_ + level_sensitive, pin);
        mmio_write<u32>(base_ + active_high, 0);
    }
    void raise() const { mmio_write<u32>(base_ + mask, pin); }
    void lower() const {
        mmio_write<u32>(base_ + mask, 0);
        (void)mmio_read<u32>(base_ + mask); // the write has arrived
    }

    /// A bit that outlasts a reset of the VM, which does not reset the device.
    [[nodiscard]] bool is_marked() const { return mmio_read<u32>(base_ + direction) != 0; }
    void mark() const { mmio_write<u32>(base_ + direction, other_pin); }

  private:
    static constexpr u32 pin = 1;
    static constexpr u32 other_pin = 2;
    static constexpr u64 direction = 0x400;
    static constexpr u64 level_sensitive = 0x404;
    static constexpr u64 active_high = 0x40c;
    static constexpr u64 mask = 0x410;
    static constexpr u64 part_number = 0xfe0;

    u64 base_;
};

void check_level(const Pl061& device) {
    gic::reset();
    device.raise();
    check_equal("off at the GIC, it does not arrive", gic::acknowledge(), gic::nothing_pending);
    gic::enable(intid);
    check_equal("the device's interrupt arrives", wait_for_interrupt(), intid);
    check("then it is active", gic::is_active(intid), "inactive");
    check_equal("an active interrupt is not signalled", gic::acknowledge(), gic::nothing_pending);
    gic::complete(intid);
    check_equal("it comes again while it is high", wait_for_interrupt(), intid);
    device.lower();
    gic::complete(intid);
    check_equal("but not once it is low", gic::acknowledge(), gic::nothing_pending);
    check("and is inactive", !gic::is_active(intid), "active");
    constexpr unsigned rounds = 1000;
    unsigned taken = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        device.raise();
        taken += wait_for_interrupt() == intid ? 1 : 0;
        device.lower();
        gic::complete(intid);
    }
    check_equal("it comes each time", taken, rounds);
    check_equal("and never by itself", gic::acknowledge(), gic::nothing_pending);
}

void check_separate_deactivation(const Pl061& device) {
    gic::set_eoi_mode(gic::EoiMode::DropsOnly);
    device.raise();
    check_equal("it arrives with EOImode 1", wait_for_interrupt(), intid);
    gic::complete(intid);
    check("a priority drop leaves it active", gic::is_active(intid), "inactive");
    check_equal("so that it does not come again", gic::acknowledge(), gic::nothing_pending);
    gic::deactivate(intid);
    check_equal("ICC_DIR lets it", wait_for_interrupt(), intid);
    device.lower();
    gic::complete(intid);
    gic::deactivate(intid);
    gic::set_eoi_mode(gic::EoiMode::DropsAndDeactivates);
}

void check_software(const Pl061& device) {
    gic::set_pending(intid);
    check_equal("ISPENDR needs no device", wait_for_interrupt(), intid);
    device.raise();
    gic::complete(intid);
    check_equal("the device's own comes behind it", wait_for_interrupt(), intid);
    gic::clear_active(intid);
    check("ICACTIVER ends it", !gic::is_active(intid), "active");
    gic::complete(intid); // the running priority of its handler
    check_equal("so that it comes again", wait_for_interrupt(), intid);
    device.lower();
    gic::complete(intid);
    check_equal("nothing remains", gic::acknowledge(), gic::nothing_pending);
}

void check_disabled(const Pl061& device) {
    device.raise();
    check_equal("it arrives before it is off", wait_for_interrupt(), intid);
    gic::disable(intid);
    gic::complete(intid);
    check_equal("off, it does not come again", gic::acknowledge(), gic::nothing_pending);
    gic::enable(intid);
    check_equal("on, it does", wait_for_interrupt(), intid);
    device.lower();
    gic::complete(intid);
}

void check_edge(const Pl061& device) {
    gic::disable(intid);
    gic::set_trigger(intid, gic::Trigger::Edge);
    gic::enable(intid);
    device.raise();
    check_equal("an edge arrives", wait_for_interrupt(), intid);
    gic::complete(intid);
    check_equal("once, although the wire is high", gic::acknowledge(), gic::nothing_pending);
    device.lower();
    device.raise();
    check_equal("the next edge arrives", wait_for_interrupt(), intid);
    device.lower();
    device.raise();
    gic::complete(intid);
    check_equal("and one that came while it was handled", wait_for_interrupt(), intid);
    device.lower();
    gic::complete(intid);
    gic::disable(intid);
    gic::set_trigger(intid, gic::Trigger::Level);
    gic::enable(intid);
}

struct Taker {
    const Pl061& device;
    std::atomic<u32> taken{1};
};

void take_one(void* object) {
    auto& taker = *static_cast<Taker*>(object);
    gic::reset_cpu();
    taker.taken.store(0);
    const u32 taken = wait_for_interrupt();
    taker.device.lower();
    gic::complete(taken);
    taker.taken.store(taken);
}

void check_route(const Pl061& device) {
    gic::route(intid, 1);
    Taker taker{device};
    if (start_cpu(1, take_one, &taker) != psci::Status::Success ||
        !wait_until([&] { return taker.taken.load() == 0; })) {
        fail_because("IROUTER", "vCPU 1 does not start");
        return;
    }
    device.raise();
    check("IROUTER leads it to vCPU 1", wait_until([&] { return taker.taken.load() == intid; }), "it took {}",
          taker.taken.load());
    check_equal("and not here", gic::acknowledge(), gic::nothing_pending);
    check("vCPU 1 leaves", wait_until_off(1), "still on");
    gic::route(intid, 0);
    device.raise();
    check_equal("and back", wait_for_interrupt(), intid);
    device.lower();
    gic::complete(intid);
}

/// The VM is reset while the interrupt is active, and its wire still high.
void reset_in_handler(const Pl061& device) {
    gic::reset();
    device.reset();
    device.mark();
    gic::enable(intid);
    device.raise();
    check_equal("it arrives before the reset", wait_for_interrupt(), intid);
    power::system_reset();
}

} // namespace

void passed(std::string_view arguments) {
    const Pl061 device(base);
    check("the device is there", device.is_there(), "no PL061");
    if (take_word(arguments) == "reset" && !device.is_marked()) {
        reset_in_handler(device);
    }
    device.reset();
    check_level(device);
    check_separate_deactivation(device);
    check_software(device);
    check_disabled(device);
    check_edge(device);
    if (cpu_count() > 1) {
        check_route(device);
    }
    gic::reset();
}

} // namespace trv::bare::checks

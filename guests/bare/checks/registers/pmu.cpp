// SPDX-License-Identifier: Apache-2.0
// Performance monitors, in images that give them to guests: they count in this vCPU alone, and interrupt.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/registers/register_probe.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

constexpr u32 intid = 23;
constexpr u64 cycle_bit = u64{1} << 31;
constexpr u64 instructions = 0x08; // INST_RETIRED, which QEMU has with -icount
constexpr u64 go = 1 << 0 | 1 << 1 | 1 << 2;

void set_control(u64 value) {
    (void)write_register<3, 3, 9, 12, 0>(value);
    asm volatile("isb");
}
u64 read_events() {
    return read_register<3, 3, 14, 8, 0>().value;
}
u64 read_cycles() {
    return read_register<3, 3, 9, 13, 0>().value;
}

/// Twice as many instructions.
void run(u64 rounds) {
    asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
}

void check_registers() {
    const u64 control = read_register<3, 3, 9, 12, 0>().value;
    check("PMCR_EL0 says how many counters there are", (control >> 11 & 0x1f) >= 1, "PMCR_EL0 {}", hex(control));
    check_no_fault("PMEVTYPER0_EL0 can be written", write_register<3, 3, 14, 12, 0>(~u64{0}));
    const u64 counts_el2 = read_register<3, 3, 14, 12, 0>().value >> 27 & 1;
    check_equal("an event cannot be counted in EL2", counts_el2, 0);
    check_no_fault("PMEVTYPER0_EL0 can be set", write_register<3, 3, 14, 12, 0>(instructions));
    check_no_fault("PMCNTENSET_EL0 can be written", write_register<3, 3, 9, 12, 1>(cycle_bit | 1));
}

void check_counts() {
    constexpr u64 rounds = 100'000;
    set_control(go);
    run(rounds);
    set_control(0);
    const u64 events = read_events();
    const u64 cycles = read_cycles();
    check("cycles are counted", cycles != 0, "none");
    // Without -icount QEMU has no such event.
    check("instructions are counted, and no others", events == 0 || (events >= 2 * rounds && events < 2 * rounds + 200),
          "{} of {}", events, 2 * rounds);
    run(rounds);
    check_equal("counters that are off stand still", read_cycles(), cycles);
}

void check_interrupt() {
    gic::reset_cpu();
    gic::enable(intid);
    (void)write_register<3, 3, 9, 13, 0>(0xffff'f000);
    (void)write_register<3, 3, 9, 12, 3>(~u64{0});
    (void)write_register<3, 0, 9, 14, 1>(cycle_bit);
    set_control(1);
    u32 taken = gic::nothing_pending;
    for (unsigned i = 0; i < 100'000 && taken == gic::nothing_pending; ++i) {
        run(100);
        taken = gic::acknowledge();
    }
    check_equal("an overflow interrupts", taken, intid);
    const u64 late = read_cycles() & 0xffff'ffff; // since it overflowed
    check("it comes at once", late < 100'000, "after {} cycles", late);
    check_equal("PMOVSSET_EL0 says which", read_register<3, 3, 9, 14, 3>().value, cycle_bit);
    set_control(0);
    (void)write_register<3, 3, 9, 12, 3>(cycle_bit);
    gic::complete(taken);
    check_equal("and not once more when it is cleared", gic::acknowledge(), gic::nothing_pending);
    (void)write_register<3, 0, 9, 14, 2>(cycle_bit);
}

void run_beside(void* stop) {
    while (!static_cast<std::atomic<bool>*>(stop)->load(std::memory_order_relaxed)) {
        run(1000);
    }
}

/// Another vCPU, perhaps on the same CPU, works meanwhile.
void check_apart() {
    constexpr u64 rounds = 20'000'000;
    std::atomic<bool> stop = false;
    if (cpu_count() < 2 || start_cpu(1, run_beside, &stop) != psci::Status::Success) {
        return;
    }
    set_control(go);
    run(rounds);
    set_control(0);
    const u64 events = read_events();
    stop = true;
    check("vCPU 1 leaves", wait_until_off(1), "still on");
    check("the other vCPU's instructions are not counted",
          events == 0 || (events >= 2 * rounds && events < 2 * rounds + 2000), "{} of {}", events, 2 * rounds);
}

} // namespace

void pmu(std::string_view) {
    check_registers();
    check_counts();
    check_interrupt();
    check_apart();
}

} // namespace trv::bare::checks

// SPDX-License-Identifier: Apache-2.0
// Tight loops of traps, to see what they cost a neighbour: `KIND SECONDS [all]`, with `all` on every vCPU.

#include "guest/layout.hpp"
#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/mmio.hpp"
#include "guests/bare/lib/hardware/power.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/payload.hpp"
#include "guests/bare/lib/words.hpp"
#include "irqchip/gicv3/layout.hpp"

namespace trv::bare {
namespace {

constexpr u32 storm_sgi = 7;

/// What one vCPU does until the time is over.
struct Storm {
    void (*trap)();
    u64 until;
    std::atomic<u64> count;
};

void complete_pending() {
    const u32 intid = gic::acknowledge();
    if (intid != gic::nothing_pending) {
        gic::complete(intid);
    }
}

void hypercall() {
    (void)power::ask(psci::Version);
}

void mmio_read_gic() {
    (void)mmio_read<u32>(guest::gicd_base.value + irqchip::gicd::ctlr);
}

/// Writes that make the vGIC re-evaluate its whole state.
void mmio_write_gic() {
    gic::enable_group(false);
    gic::enable_group(true);
}

void send_to_self() {
    gic::send_sgi(storm_sgi, static_cast<u16>(1U << this_cpu().index));
    complete_pending();
}

void send_to_others() {
    gic::send_sgi_to_others(storm_sgi);
    complete_pending();
}

void virtual_timer() {
    VirtualTimer::set_in(0);
    complete_pending();
}

void physical_timer() {
    PhysicalTimer::set_in(0);
    complete_pending();
}

void system_register() {
    (void)arch::IdAa64mmfr0El1::read();
}

/// Sleeps for as short as it can: long enough to be asleep before the deadline.
void sleep_shortly() {
    VirtualTimer::set_in(static_cast<i32>(microseconds(5)));
    wfi();
    complete_pending();
}

/// Sleeps while a timer with a masked interrupt expires, which does not wake the vCPU; another timer does.
void sleep_beside_masked_timer() {
    gic::disable(VirtualTimer::intid);
    VirtualTimer::set_in(0);
    const u64 until = now() + microseconds(5000);
    PhysicalTimer::set_in(static_cast<i32>(microseconds(5000)));
    while (now() < until) {
        wfi();
    }
    complete_pending();
}

void offer_cpu() {
    wfe();
}

/// A service that does not exist.
void refused_call() {
    (void)call(Conduit::Smc, 0x8200'0000);
}

/// Maintenance that reaches every CPU of the VM.
void stale_tlb() {
    asm volatile("tlbi vmalle1is\n\tdsb ish\n\tisb" ::: "memory");
}

void rage(void* object) {
    auto& storm = *static_cast<Storm*>(object);
    gic::reset_cpu();
    gic::enable(storm_sgi);
    gic::enable(VirtualTimer::intid);
    gic::enable(PhysicalTimer::intid);
    u64 count = 0;
    while (now() < storm.until) {
        storm.trap();
        ++count;
    }
    VirtualTimer::stop();
    PhysicalTimer::stop();
    storm.count.store(count);
}

template <void (*trap)()>
void run(std::string_view arguments) {
    static constinit Storm storms[max_vcpus]{};
    const u64 seconds = parse_number(take_word(arguments)).value_or(1);
    const unsigned vcpus = take_word(arguments) == "all" ? cpu_count() : 1;
    const u64 until = now() + seconds * frequency();
    for (unsigned i = 0; i < vcpus; ++i) {
        storms[i].trap = trap;
        storms[i].until = until;
        storms[i].count.store(0);
    }
    for (unsigned i = 1; i < vcpus; ++i) {
        (void)start_cpu(i, rage, &storms[i]);
    }
    rage(&storms[0]);
    for (unsigned i = 0; i < vcpus; ++i) {
        const bool over = i == 0 || wait_until_off(i);
        print("vCPU {}: {} rounds in {} s{}\n", i, storms[i].count.load(), seconds, over ? "" : ", and goes on");
    }
}

constexpr Command kinds[] = {
    {"hypercall", run<hypercall>},
    {"refused-call", run<refused_call>},
    {"mmio-read", run<mmio_read_gic>},
    {"mmio-write", run<mmio_write_gic>},
    {"sgi", run<send_to_self>},
    {"sgi-others", run<send_to_others>},
    {"virtual-timer", run<virtual_timer>},
    {"physical-timer", run<physical_timer>},
    {"system-register", run<system_register>},
    {"wfi", run<sleep_shortly>},
    {"masked-timer", run<sleep_beside_masked_timer>},
    {"wfe", run<offer_cpu>},
    {"tlb", run<stale_tlb>},
};

} // namespace

constinit const Payload payload{.name = "storm", .suite = kinds, .others = {}};

} // namespace trv::bare

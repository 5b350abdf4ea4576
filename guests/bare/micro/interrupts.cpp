// SPDX-License-Identifier: Apache-2.0
// Interrupts: from the timer to the handler, from one vCPU to the other, and the switch between two vCPUs of one CPU.

#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/micro/figures.hpp"

namespace trv::bare::micro {
namespace {

constexpr u64 rounds = 1024;
constexpr u64 warm_up = 16;
constexpr u32 ping = 8;

/// When the handler began; 0 before that.
constinit std::atomic<u64> taken_at = 0;

void note_time() {
    taken_at.store(now());
    VirtualTimer::stop();
    gic::complete(gic::acknowledge());
}

/// @param wait  what to do until the handler has been there
template <typename Wait>
u64 sum_of_latencies(Wait wait) {
    u64 sum = 0;
    for (u64 i = 0; i < rounds; ++i) {
        taken_at.store(0);
        const u64 deadline = now() + microseconds(50);
        VirtualTimer::set(deadline);
        while (taken_at.load() == 0) {
            wait();
        }
        sum += taken_at.load() - deadline;
    }
    return sum;
}

u32 sleep_until_interrupt() {
    for (;;) {
        const u32 intid = gic::acknowledge();
        if (intid != gic::nothing_pending) {
            return intid;
        }
        wfi();
    }
}

/// Sends a ping back for each that comes.
void answer_pings(void* object) {
    gic::reset_cpu();
    gic::enable(ping);
    static_cast<std::atomic<bool>*>(object)->store(true);
    for (u64 i = 0; i < warm_up + rounds; ++i) {
        gic::complete(sleep_until_interrupt());
        gic::send_sgi(ping, 1);
    }
}

/// There and back again, `rounds` times, after a few that do not count.
void ping_pong(std::string_view name) {
    gic::reset();
    gic::enable(ping);
    std::atomic<bool> ready = false;
    if (cpu_count() < 2 || start_cpu(1, answer_pings, &ready) != psci::Status::Success) {
        print("{}: needs two vCPUs\n", name);
        return;
    }
    while (!ready.load()) {
        wfe();
    }
    u64 from = 0;
    for (u64 i = 0; i < warm_up + rounds; ++i) {
        if (i == warm_up) {
            from = now();
        }
        gic::send_sgi(ping, 2);
        gic::complete(sleep_until_interrupt());
    }
    print_figure(name, now() - from, 2 * rounds);
    (void)wait_until_off(1);
}

} // namespace

void timer_latency(std::string_view) {
    gic::reset();
    gic::enable(VirtualTimer::intid);
    on_interrupt(note_time);
    unmask_interrupts();
    const u64 busy = sum_of_latencies([] {});
    const u64 asleep = sum_of_latencies([] { wfi(); });
    mask_interrupts();
    on_interrupt(nullptr);
    print_figure("timer-while-busy", busy, rounds);
    print_figure("timer-while-asleep", asleep, rounds);
}

void sgi_ping_pong(std::string_view) {
    ping_pong("sgi-one-way");
}

void vcpu_switch(std::string_view) {
    ping_pong("sgi-with-switch");
}

} // namespace trv::bare::micro

// SPDX-License-Identifier: Apache-2.0
// The virtual timer and the physical one: never early, not late, level-sensitive, on every vCPU.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/interrupt_wait.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/report.hpp"
#include "guests/bare/lib/words.hpp"

#include <algorithm>

namespace trv::bare::checks {
namespace {

constexpr unsigned rounds = 50;

/// Late by more than this is an error. By default far more than it takes: a busy machine below may stop us at any time,
/// unless its clock counts instructions. The payload `micro` measures how long it really takes.
constexpr u64 default_tolerance = 500'000;
constinit u64 tolerance_microseconds = default_tolerance;

struct Punctuality {
    u32 early = 0;
    u32 late = 0;
    u32 wrong = 0; ///< another interrupt
    u64 worst = 0; ///< ticks after the deadline
};

template <typename T>
Punctuality measure(u64 interval) {
    Punctuality result;
    for (unsigned i = 0; i < rounds; ++i) {
        const u64 deadline = T::count() + interval;
        T::set(deadline);
        const u32 intid = wait_for_interrupt();
        const u64 at = T::count();
        T::stop();
        gic::complete(intid);
        result.wrong += intid != T::intid ? 1 : 0;
        result.early += at < deadline ? 1 : 0;
        result.worst = at < deadline ? result.worst : std::max(result.worst, at - deadline);
        result.late += at > deadline + microseconds(tolerance_microseconds) ? 1 : 0;
    }
    return result;
}

template <typename T>
void check_registers(std::string_view kind) {
    std::array<char, 96> buffer;
    const auto name = [&](std::string_view what) { return format_to(buffer, "{}: {}", kind, what); };
    const i32 second = static_cast<i32>(frequency());
    T::set_in(second);
    const i32 remaining = T::remaining();
    const u64 deadline = T::deadline();
    const bool expired = T::expired();
    const u64 at = T::count();
    check(name("TVAL counts down"), remaining <= second && (remaining > 0 || at >= deadline), "{}", remaining);
    check(name("CVAL is TVAL from now"), deadline - at <= frequency() || at >= deadline, "{}", deadline);
    check(name("not expired before its time"), !expired || at >= deadline, "ISTATUS is set");
    T::set_in(-1000);
    check(name("a time in the past has expired"), T::expired() && T::remaining() < 0, "not so");
    check_equal(name("and interrupts at once"), wait_for_interrupt(), T::intid);
    T::stop();
    gic::complete(T::intid);
    T::set_control(arch::timer_ctl::ENABLE | arch::timer_ctl::IMASK);
    check(name("masked it still expires"), T::expired(), "ISTATUS is clear");
    check_equal(name("but does not interrupt"), gic::acknowledge(), gic::nothing_pending);
    T::stop();
}

template <typename T>
void check_timer(std::string_view kind) {
    std::array<char, 96> buffer;
    const auto name = [&](std::string_view what) { return format_to(buffer, "{}: {}", kind, what); };
    gic::reset();
    gic::enable(T::intid);
    check_registers<T>(kind);
    for (const u64 interval : {20U, 1000U, 10'000U}) {
        const Punctuality punctuality = measure<T>(microseconds(interval));
        check(format_to(buffer, "{}: 50 interrupts on time, {} us apart", kind, interval),
              punctuality.early + punctuality.late + punctuality.wrong == 0,
              "{} early, {} late, {} wrong, the worst by {} ticks", punctuality.early, punctuality.late,
              punctuality.wrong, punctuality.worst);
    }
    // Level: as long as the timer is not stopped, completing the interrupt brings it again.
    T::set_in(0);
    unsigned again = 0;
    for (unsigned i = 0; i < 5; ++i) {
        const u32 intid = wait_for_interrupt();
        again += intid == T::intid ? 1 : 0;
        gic::complete(intid);
    }
    T::stop();
    check_equal(name("it is a level"), again, 5);
    const u32 left = gic::acknowledge(); // it may have been on its way when the timer was stopped
    if (left != gic::nothing_pending) {
        gic::complete(left);
    }
    check_equal(name("which ends with the timer"), gic::acknowledge(), gic::nothing_pending);
}

/// Nothing is left of an interrupt whose line fell before the guest took it: the line is sampled when it matters.
template <typename T>
void check_fallen_line(std::string_view kind) {
    std::array<char, 96> buffer;
    const auto name = [&](std::string_view what) { return format_to(buffer, "{}: {}", kind, what); };
    gic::reset();
    T::set_in(0);
    check(name("off at the GIC, its level is pending"), wait_until([] { return gic::is_pending(T::intid); }), "not so");
    T::stop();
    check(name("and not when the timer is stopped"), !gic::is_pending(T::intid), "still pending");
    T::set_in(0);
    check(name("which can be repeated"), wait_until([] { return gic::is_pending(T::intid); }), "not so");
    T::stop();
    gic::enable(T::intid); // without a look in between
    check_equal(name("stopped, it does not arrive when it is switched on"), gic::acknowledge(), gic::nothing_pending);
    T::set_in(0);
    check_equal(name("but started again it does"), wait_for_interrupt(), T::intid);
    check(name("handled, it is active, and pending by its level"),
          gic::is_active(T::intid) && gic::is_pending(T::intid), "not so");
    T::stop();
    check(name("and not pending when it is stopped"), gic::is_active(T::intid) && !gic::is_pending(T::intid), "not so");
    gic::complete(T::intid);
    check_equal(name("it does not come again"), gic::acknowledge(), gic::nothing_pending);
    T::set_in(0);
    (void)wait_until([] { return T::expired(); });
    T::stop();
    gic::set_priority(T::intid, gic::default_priority - 8); // any access that makes the list registers anew
    check_equal(name("stopped before it was taken, it is taken back"), gic::acknowledge(), gic::nothing_pending);
}

void check_both() {
    gic::reset();
    gic::enable(VirtualTimer::intid);
    gic::enable(PhysicalTimer::intid);
    const u64 from = PhysicalTimer::count();
    VirtualTimer::set_in(static_cast<i32>(microseconds(2000)));
    PhysicalTimer::set_in(static_cast<i32>(microseconds(1000)));
    const auto take = [] {
        const u32 intid = wait_for_interrupt();
        intid == PhysicalTimer::intid ? PhysicalTimer::stop() : VirtualTimer::stop();
        gic::complete(intid);
        return intid;
    };
    const u32 one = take();
    // Both may be due when a busy machine comes back to us: then their numbers decide.
    const bool on_time = PhysicalTimer::count() - from < microseconds(2000);
    const u32 two = take();
    check("both timers run at once", one == PhysicalTimer::intid || !on_time, "{} came first", one);
    check("and both interrupt", one + two == PhysicalTimer::intid + VirtualTimer::intid, "{} and {}", one, two);
}

/// How far the physical counter is ahead of the virtual one, in ticks. The two are not read at one moment, and whatever
/// runs below may stop us between them; the virtual one read on both sides bounds the offset all the same.
struct CounterOffset {
    i64 least = 0;
    i64 most = 0;
};

CounterOffset counter_offset() {
    const u64 before = now();
    const u64 physical = PhysicalTimer::count();
    const u64 after = now();
    return {.least = static_cast<i64>(physical - after), .most = static_cast<i64>(physical - before)};
}

void check_counters() {
    check("the frequency is known", frequency() >= 1'000'000, "{}", frequency());
    const CounterOffset before = counter_offset();
    u64 previous = now();
    unsigned backwards = 0;
    for (unsigned i = 0; i < 10'000; ++i) {
        const u64 next = now();
        backwards += next < previous ? 1 : 0;
        previous = next;
    }
    check_equal("the counter never runs backwards", backwards, 0);
    const CounterOffset after = counter_offset();
    check("both counters run at one speed", before.least <= after.most && after.least <= before.most,
          "{} to {} apart, and then {} to {}", before.least, before.most, after.least, after.most);
}

void run_elsewhere(void* object) {
    auto& result = *static_cast<std::atomic<u32>*>(object);
    gic::reset_cpu();
    gic::enable(VirtualTimer::intid);
    gic::enable(PhysicalTimer::intid);
    const Punctuality a = measure<VirtualTimer>(microseconds(500));
    const Punctuality b = measure<PhysicalTimer>(microseconds(500));
    result.store(a.early + a.late + a.wrong + b.early + b.late + b.wrong);
}

} // namespace

/// `timers [MICROSECONDS]`: how late an interrupt may be.
void timers(std::string_view arguments) {
    tolerance_microseconds = parse_number(take_word(arguments)).value_or(default_tolerance);
    check_counters();
    check_timer<VirtualTimer>("virtual timer");
    check_timer<PhysicalTimer>("physical timer");
    check_fallen_line<VirtualTimer>("virtual timer");
    check_fallen_line<PhysicalTimer>("physical timer");
    check_both();
    for (unsigned i = 1; i < cpu_count(); ++i) {
        std::atomic<u32> errors = ~u32{0};
        const bool ran = start_cpu(i, run_elsewhere, &errors) == psci::Status::Success && wait_until_off(i);
        check("both timers on another vCPU", ran && errors.load() == 0, "vCPU {}: {} errors", i, errors.load());
    }
}

} // namespace trv::bare::checks

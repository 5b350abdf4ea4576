// SPDX-License-Identifier: Apache-2.0
// More interrupts than there are list registers: pending at once, active at once, in both EOI modes.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

constexpr u32 first = 64;
constexpr u32 many = 30; ///< more than the 16 list registers that the architecture allows, fewer than 32 priorities
constexpr u8 priority_step = 8;
constexpr u32 deep = 20; ///< number of interrupts active at once

/// Some order that is neither the interrupts' nor the reverse: 7 has no common divisor with 30.
constexpr u32 shuffled(u32 i) {
    return first + (7 * i + 3) % many;
}

void make_pending(bool own_priorities) {
    gic::reset();
    for (u32 i = 0; i < many; ++i) {
        gic::set_priority(shuffled(i), static_cast<u8>(own_priorities ? priority_step * i : gic::default_priority));
        gic::set_trigger(shuffled(i), gic::Trigger::Edge);
        gic::enable(shuffled(i));
    }
    for (u32 i = 0; i < many; ++i) {
        gic::set_pending(first + i);
    }
}

/// How many arrive before nothing is pending, each at most once.
struct Arrivals {
    u32 count = 0;
    u32 repeated = 0;
    u32 out_of_order = 0;
};

Arrivals take_all(gic::EoiMode mode) {
    gic::set_eoi_mode(mode);
    Arrivals arrivals;
    u64 seen = 0;
    for (u32 intid = gic::acknowledge(); intid != gic::nothing_pending && arrivals.count < 2 * many;
         intid = gic::acknowledge()) {
        arrivals.repeated += (seen >> (intid - first) & 1) != 0 ? 1 : 0;
        arrivals.out_of_order += intid != shuffled(arrivals.count) ? 1 : 0;
        seen |= u64{1} << (intid - first);
        ++arrivals.count;
        gic::complete(intid);
        if (mode == gic::EoiMode::DropsOnly) {
            gic::deactivate(intid);
        }
    }
    return arrivals;
}

u32 count_active() {
    u32 active = 0;
    for (u32 i = 0; i < many; ++i) {
        active += gic::is_active(first + i) ? 1 : 0;
    }
    return active;
}

void check_pending(std::string_view mode_name, gic::EoiMode mode) {
    std::array<char, 96> buffer;
    const auto name = [&](std::string_view what) { return format_to(buffer, "{}: {}", mode_name, what); };
    make_pending(true);
    const Arrivals ordered = take_all(mode);
    check_equal(name("30 of different priorities arrive"), ordered.count, many);
    check_equal(name("each once"), ordered.repeated, 0);
    check_equal(name("the most urgent first"), ordered.out_of_order, 0);
    check_equal(name("none stays active"), count_active(), 0);
    make_pending(false);
    const Arrivals equal = take_all(mode);
    check_equal(name("30 of one priority arrive"), equal.count, many);
    check_equal(name("each of them once"), equal.repeated, 0);
    check_equal(name("none of them stays active"), count_active(), 0);
}

/// Each preempts the one before: `deep` are active at once.
u32 nest() {
    gic::reset();
    u32 nested = 0;
    for (u32 i = 0; i < deep; ++i) {
        gic::set_priority(first + i, static_cast<u8>(priority_step * (deep - i)));
        gic::set_trigger(first + i, gic::Trigger::Edge);
        gic::enable(first + i);
        gic::set_pending(first + i);
        nested += gic::acknowledge() == first + i ? 1 : 0;
    }
    return nested;
}

void check_nesting() {
    check_equal("20 preempt each other", nest(), deep);
    check_equal("all 20 are active", count_active(), deep);
    gic::set_pending(first);
    check_equal("an active one is not signalled", gic::acknowledge(), gic::nothing_pending);
    for (u32 i = deep; i-- > 0;) {
        gic::complete(first + i);
    }
    check_equal("completed in reverse order, none is active", count_active(), 0);
    check_equal("the one that came meanwhile arrives", gic::acknowledge(), first);
    gic::complete(first);
    check_equal("then nothing", gic::acknowledge(), gic::nothing_pending);
    check_equal("and no priority is left active", gic::running_priority(), 0xff);
}

/// EOImode 1: the priority drops at once, and interrupts are deactivated in the order of their arrival.
void check_split_completion() {
    gic::reset();
    gic::set_eoi_mode(gic::EoiMode::DropsOnly);
    u32 taken = 0;
    for (u32 i = 0; i < deep; ++i) {
        gic::set_trigger(first + i, gic::Trigger::Edge);
        gic::enable(first + i);
        gic::set_pending(first + i);
        taken += gic::acknowledge() == first + i ? 1 : 0;
        gic::complete(first + i);
    }
    check_equal("EOImode 1: 20 arrive while those before are active", taken, deep);
    check_equal("EOImode 1: all 20 are active", count_active(), deep);
    u32 wrong = 0;
    for (u32 i = 0; i < deep; ++i) {
        gic::deactivate(first + i);
        wrong += gic::is_active(first + i) || count_active() != deep - 1 - i ? 1 : 0;
    }
    check_equal("EOImode 1: DIR deactivates the one it names", wrong, 0);
    check_equal("EOImode 1: then nothing", gic::acknowledge(), gic::nothing_pending);
}

} // namespace

void overflow(std::string_view) {
    check_pending("EOImode 0", gic::EoiMode::DropsAndDeactivates);
    check_pending("EOImode 1", gic::EoiMode::DropsOnly);
    check_nesting();
    check_split_completion();
    gic::reset();
}

} // namespace trv::bare::checks

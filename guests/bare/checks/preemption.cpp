// SPDX-License-Identifier: Apache-2.0
// Interrupts taken as exceptions: a more urgent one interrupts the handler of another, a less urgent one waits.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

constexpr u32 low = 70;
constexpr u32 middle = 71;
constexpr u32 high = 72;
// All have the topmost bit, the only one that still counts with a Group 1 binary point of 7; of Group 0 none does.
constexpr u32 least_urgent = 0xf0;
constexpr u32 priority_step = 0x20;

/// The order in which handlers begin and end: +INTID, -INTID.
constinit std::array<i32, 16> events{};
constinit unsigned event_count = 0;

void note(i32 event) {
    if (event_count < events.size()) {
        events[event_count++] = event;
    }
}

/// The middle one makes both others pending, and lets itself be interrupted.
void handle() {
    const u32 intid = gic::acknowledge();
    if (intid == gic::nothing_pending) {
        note(0);
        return;
    }
    note(static_cast<i32>(intid));
    if (intid == middle) {
        const u64 return_address = arch::ElrEl1::read();
        const u64 return_state = arch::SpsrEl1::read();
        gic::set_pending(low);
        gic::set_pending(high);
        unmask_interrupts();
        isb();
        mask_interrupts();
        arch::ElrEl1::write(return_address);
        arch::SpsrEl1::write(return_state);
    }
    note(-static_cast<i32>(intid));
    gic::complete(intid);
}

void check_events(std::string_view name, std::span<const i32> expected) {
    bool same = event_count == expected.size();
    for (unsigned i = 0; same && i < event_count; ++i) {
        same = events[i] == expected[i];
    }
    check(name, same, "{} events: {} {} {} {} {} {}", event_count, events[0], events[1], events[2], events[3],
          events[4], events[5]);
}

void prepare() {
    gic::reset();
    event_count = 0;
    for (const u32 intid : {low, middle, high}) {
        gic::set_trigger(intid, gic::Trigger::Edge);
        gic::set_priority(intid, static_cast<u8>(least_urgent - priority_step * (intid - low)));
        gic::enable(intid);
    }
}

} // namespace

void preemption(std::string_view) {
    on_interrupt(handle);
    prepare();
    gic::set_pending(middle);
    unmask_interrupts();
    isb();
    mask_interrupts();
    constexpr i32 nested[] = {middle, high, -i32{high}, -i32{middle}, low, -i32{low}};
    check_events("the urgent one interrupts, the other waits", nested);

    prepare();
    gic::set_binary_point(7);
    gic::set_pending(middle);
    unmask_interrupts();
    isb();
    mask_interrupts();
    constexpr i32 in_turn[] = {middle, -i32{middle}, high, -i32{high}, low, -i32{low}};
    check_events("with a binary point of 7 none interrupts another", in_turn);
    on_interrupt(nullptr);
    gic::reset();
}

} // namespace trv::bare::checks

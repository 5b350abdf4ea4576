// SPDX-License-Identifier: Apache-2.0
// Two more models of which every order of events is looked at: how the reason for a VM's stop is decided on, and how the
// active state of a physical timer interrupt goes from vCPU to vCPU.

#include "explorer.hpp"
#include "lib/types.hpp"

#include <gtest/gtest.h>

#include <array>

namespace trv::model {
namespace {

// A guest reboots; the operator destroys the VM at any moment, on another CPU. Vm::request_stop(), Manager::on_stopped(),
// StopRequest::end(). Compare-exchanges are single steps; loads and stores around them need no order of their own.

namespace stop {

enum Reason : u8 { None, Reboot, Destroyed };
enum class Pc : u8 { Runs, Decides, Decided, Loads, Retired, Requests, Raises, Done };

struct Code {
    bool later_reasons_count = true;   ///< StopRequest::make() replaces a less final one
    bool decision_is_exchanged = true; ///< StopRequest::end(); else the VM's reset stores None
};

struct State {
    Reason reason = None;
    Reason decided = None;
    Reason seen = None; ///< by the operator's CPU
    Pc vm = Pc::Runs;
    Pc operator_pc = Pc::Requests;
    u8 lives = 1;
};

template <typename Emit>
void vm_step(const Code& code, const State& state, Emit emit) {
    State next = state;
    switch (state.vm) {
    case Pc::Runs:
        if (state.reason != None) {
            next.vm = Pc::Decides;
            emit("the last vCPU is parked", next);
        } else if (state.lives == 1) {
            next.reason = Reboot;
            next.vm = Pc::Decides;
            emit("the guest reboots, and its last vCPU is parked", next);
        }
        return;
    case Pc::Decides:
        next.decided = state.reason;
        next.vm = state.reason == Destroyed ? Pc::Retired : Pc::Decided;
        emit("on_stopped reads the reason", next);
        return;
    case Pc::Decided:
        if (code.decision_is_exchanged && state.reason != state.decided) {
            next.vm = Pc::Decides;
            emit("end_stop finds another reason", next);
            return;
        }
        next.reason = None;
        next.vm = Pc::Loads;
        emit("the stop is over", next);
        return;
    case Pc::Loads:
        ++next.lives;
        next.vm = Pc::Runs;
        emit("the VM's next life begins", next);
        return;
    default:
        return;
    }
}

template <typename Emit>
void operator_step(const Code& code, const State& state, Emit emit) {
    State next = state;
    switch (state.operator_pc) {
    case Pc::Requests:
        if (state.vm == Pc::Retired) {
            next.operator_pc = Pc::Done;
            emit("destroy: there is no such VM", next);
            return;
        }
        next.seen = state.reason;
        next.operator_pc = Pc::Raises;
        emit("destroy: reads the reason", next);
        return;
    case Pc::Raises:
        if (state.seen != None && !code.later_reasons_count) {
            next.operator_pc = Pc::Done;
            emit("destroy: another reason came first", next);
        } else if (state.reason != state.seen) {
            next.seen = state.reason;
            emit("destroy: the reason has changed", next);
        } else {
            next.reason = Destroyed;
            next.operator_pc = Pc::Done;
            emit("destroy: is the reason", next);
        }
        return;
    default:
        return;
    }
}

Exploration explore(const Code& code) {
    return model::explore(
        State{},
        [&code](const State& state, auto emit) {
            vm_step(code, state, emit);
            operator_step(code, state, emit);
        },
        [](const State& state) -> std::string_view {
            return state.vm == Pc::Retired ? "" : "the VM lives on although it was destroyed";
        });
}

TEST(StopReasonModel, ADestroyIsNeverSwallowed) {
    EXPECT_EQ(explore({}).violation, "");
}

TEST(StopReasonModel, ItIsIfTheFirstReasonCounts) {
    EXPECT_NE(explore({.later_reasons_count = false}).violation, "");
}

TEST(StopReasonModel, ItIsIfTheResetForgetsWhateverReasonThereIs) {
    EXPECT_NE(explore({.decision_is_exchanged = false}).violation, "");
}

} // namespace stop

// A vCPU that handles its timer's interrupt is loaded, goes on, and may be unloaded again: VGic::load(), unload(),
// irqchip::CpuInterrupts. Writes to the redistributor travel on their own, and the guest's deactivation takes another way.

namespace active_state {

enum class Pc : u8 { Load, ReadBack, Guest, Unload, UnloadReadBack, NextVcpu };

struct Code {
    bool writes_are_waited_for = true; ///< arch::write32_and_wait()
};

struct State {
    Pc pc = Pc::Load;
    u8 active = 0; ///< at the redistributor
    u8 set_on_its_way = 0;
    u8 clear_on_its_way = 0;
    u8 handled = 1; ///< the guest has not completed the interrupt: its list register is active
};

template <typename Emit>
void device_step(const State& state, Emit emit) {
    State next = state;
    if (state.set_on_its_way != 0) { // in order with the other: one device
        next.set_on_its_way = 0;
        next.active = 1;
        emit("ISACTIVER arrives", next);
    } else if (state.clear_on_its_way != 0) {
        next.clear_on_its_way = 0;
        next.active = 0;
        emit("ICACTIVER arrives", next);
    }
}

template <typename Emit>
void cpu_step(const Code& code, const State& state, Emit emit) {
    State next = state;
    const bool arrived = state.set_on_its_way == 0 && state.clear_on_its_way == 0;
    switch (state.pc) {
    case Pc::Load:
        next.set_on_its_way = 1;
        next.pc = code.writes_are_waited_for ? Pc::ReadBack : Pc::Guest;
        emit("load: ISACTIVER is written", next);
        return;
    case Pc::ReadBack:
    case Pc::UnloadReadBack:
        if (arrived) {
            next.pc = state.pc == Pc::ReadBack ? Pc::Guest : Pc::NextVcpu;
            emit("the read is answered", next);
        }
        return;
    case Pc::Guest:
        if (state.handled != 0) {
            next.handled = 0;
            next.active = 0;
            emit("the guest completes the interrupt, which deactivates the physical one", next);
            next = state;
        }
        next.pc = Pc::Unload;
        emit("the guest is interrupted", next);
        return;
    case Pc::Unload:
        if (state.handled == 0) { // nothing is held: nothing is given back
            next.pc = Pc::NextVcpu;
            emit("unload", next);
            return;
        }
        next.clear_on_its_way = 1;
        next.pc = code.writes_are_waited_for ? Pc::UnloadReadBack : Pc::NextVcpu;
        emit("unload: ICACTIVER is written", next);
        return;
    case Pc::NextVcpu:
        return;
    }
}

Exploration explore(const Code& code) {
    return model::explore(
        State{},
        [&code](const State& state, auto emit) {
            device_step(state, emit);
            cpu_step(code, state, emit);
        },
        [](const State& state) -> std::string_view {
            return state.active == 0 ? "" : "the interrupt is active for ever";
        });
}

TEST(ActiveStateModel, EveryVcpuFindsTheInterruptAsItLeftIt) {
    EXPECT_EQ(explore({}).violation, "");
}

TEST(ActiveStateModel, ItStaysActiveForEverIfWritesAreNotWaitedFor) {
    EXPECT_NE(explore({.writes_are_waited_for = false}).violation, "");
}

} // namespace active_state

} // namespace
} // namespace trv::model

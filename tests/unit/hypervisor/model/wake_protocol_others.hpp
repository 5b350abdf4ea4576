// SPDX-License-Identifier: Apache-2.0
#pragma once
// The model of wake_protocol.hpp: what CPUs 1 and 2 do, and how any CPU takes a step.

#include "wake_protocol_state.hpp"

namespace trv::model {

class OtherCpus {
  protected:
    explicit OtherCpus(const Code& code) : code_(code) {}

    static Pc first_of(Role role) {
        switch (role) {
        case Role::Nothing:
        case Role::NeverAnswer:
            return Pc::Done;
        case Role::RaiseInterrupt:
            return Pc::Raise;
        case Role::StopVm:
            return Pc::StopReason;
        case Role::PauseAndResume:
            return Pc::Pause;
        case Role::AnswerAccess:
            return Pc::Answer;
        }
        return Pc::Done;
    }

    /// The critical section `body(next)` of a CPU, if it can have the lock now.
    template <typename Emit, typename Body>
    static void locked(const State& state, unsigned cpu, Variable lock, const char* name, Emit emit, Body body) {
        if (state.memory.can_lock(cpu, lock)) {
            State next = state;
            next.memory.lock(lock);
            body(next);
            next.memory.unlock(cpu, lock);
            emit(name, next);
        }
    }
    static bool read(const State& state, unsigned cpu, Variable variable) { return state.memory.load(cpu, variable); }

    template <typename Emit>
    static void go(State next, unsigned cpu, Pc to, const char* name, Emit emit) {
        next.pc[cpu] = to;
        emit(name, next);
    }

    template <typename Emit>
    void other(const State& state, unsigned cpu, Emit emit) const {
        State next = state;
        switch (state.pc[cpu]) {
        case Pc::Raise:
            locked(state, cpu, vgic_lock, "raise", emit, [cpu](State& inside) {
                const bool known = inside.memory.load(cpu, stale);
                inside.memory.store(cpu, stale, true);
                inside.raised = 1;
                inside.pc[cpu] = known ? Pc::Done : Pc::WakeFlag;
            });
            return;
        case Pc::WakeFlag:
            if (state.memory.can_store(cpu)) {
                next.memory.store(cpu, woken, true);
                go(next, cpu, Pc::WakeState, "wake, sets the flag", emit);
            }
            return;
        case Pc::WakeState:
            locked(state, cpu, scheduler_lock, "wake", emit, [this, cpu](State& inside) {
                const bool needed = inside.run == Run::Blocked || inside.run == Run::Running || inside.kicks[cpu] != 0;
                const bool summoned =
                    inside.run == Run::Waiting && inside.kicks[cpu] != 0 && code_.summon_wakes_waiting;
                inside.run = inside.run == Run::Blocked || summoned ? Run::Ready : inside.run;
                inside.pc[cpu] = needed ? Pc::WakeAttention : after_wake(inside, cpu);
            });
            return;
        case Pc::WakeAttention:
            if (state.memory.can_exchange(cpu, attention, Order::Release)) {
                const bool was_set = next.memory.exchange(attention, true);
                go(next, cpu, was_set ? after_wake(next, cpu) : Pc::WakeSgi, "request_attention", emit);
            }
            return;
        case Pc::WakeSgi:
            if (state.memory.is_drained(cpu)) {
                next.sgi = 1;
                go(next, cpu, after_wake(next, cpu), "sends the SGI", emit);
            }
            return;
        case Pc::StopReason:
            if (state.memory.can_exchange(cpu, stop, Order::Release)) {
                (void)next.memory.exchange(stop, true);
                next.stopped = 1;
                next.kicks[cpu] = 1;
                go(next, cpu, Pc::StopUnpause, "request_stop", emit);
            }
            return;
        case Pc::StopUnpause:
            locked(state, cpu, pause_lock, "request_stop, ends a pause", emit, [cpu](State& inside) {
                inside.memory.store(cpu, paused, false, Order::Release);
                inside.pc[cpu] = Pc::StopRelease;
            });
            return;
        case Pc::StopRelease: // then it wakes in any case, which includes the attention of release()
            locked(state, cpu, scheduler_lock, "request_stop, releases", emit, [cpu](State& inside) {
                inside.run = inside.run == Run::Held ? Run::Ready : inside.run;
                inside.pc[cpu] = Pc::WakeFlag;
            });
            return;
        case Pc::Pause:
            locked(state, cpu, pause_lock, "pause", emit, [cpu](State& inside) {
                const bool refused = inside.memory.load(cpu, stop);
                if (!refused) {
                    inside.memory.store(cpu, paused, true, Order::Release);
                    inside.kicks[cpu] = 1;
                }
                inside.pc[cpu] = refused ? Pc::Done : Pc::WakeFlag;
            });
            return;
        case Pc::Resume: // tried until it is granted
            if (state.run == Run::Running && state.memory.load(cpu, paused)) {
                return;
            }
            locked(state, cpu, pause_lock, "resume", emit, [this, cpu](State& inside) {
                const bool refused = !inside.memory.load(cpu, paused); // a stop has ended it
                if (!refused) {
                    inside.memory.store(cpu, offset, true);
                    inside.memory.store(cpu, paused, false, code_.resume_publishes);
                    inside.resumed = 1;
                }
                inside.kicks[cpu] = 0;
                inside.pc[cpu] = refused ? Pc::Done : Pc::ResumeRelease;
            });
            return;
        case Pc::ResumeRelease:
            locked(state, cpu, scheduler_lock, "resume, releases", emit, [cpu](State& inside) {
                inside.pc[cpu] = inside.run == Run::Held ? Pc::WakeAttention : Pc::Done;
                inside.run = inside.run == Run::Held ? Run::Ready : inside.run;
            });
            return;
        case Pc::Answer:
            if (read(state, cpu, deferred) && state.memory.can_store(cpu)) {
                next.memory.store(cpu, awaiting, false, Order::Release);
                next.answered = 1;
                go(next, cpu, Pc::AnswerState, "answer", emit);
            }
            return;
        case Pc::AnswerState:
            locked(state, cpu, scheduler_lock, "answer, end_await", emit, [cpu](State& inside) {
                inside.pc[cpu] = inside.run == Run::Waiting ? Pc::WakeAttention : Pc::Done;
                inside.run = inside.run == Run::Waiting ? Run::Ready : inside.run;
            });
            return;
        default:
            return;
        }
    }
    /// A pause that has kicked the vCPU is to end again.
    static Pc after_wake(const State& state, unsigned cpu) {
        const bool pauses = state.kicks[cpu] != 0 && state.memory.load(cpu, paused);
        return pauses ? Pc::Resume : Pc::Done;
    }

    Code code_;
};

} // namespace trv::model

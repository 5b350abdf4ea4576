// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a vCPU's CPU and the others agree on whether it sleeps, runs or leaves, as a model of which every behaviour is looked
// at: CPU 0 is the vCPU's home, CPUs 1 and 2 raise an interrupt for it, stop its VM, pause and resume that, or answer an
// access that the vCPU waits for.
//
// A step here is an access to memory that CPUs share without a lock, or a whole critical section whose data are used under
// its lock only. Steps carry the names of the functions that they stand for:
//   Guest, Exit…   trivisor_exit()                 Sleep…   Vcpu::wait_for_interrupt(), VGic::has_deliverable()
//   Block…         Scheduler::block()              Run…     Scheduler::run(), pick(), withdraw(), rest()
//   Raise          VGic::set_level() and its like  Wake…    Scheduler::wake(), PerCpu::request_attention()
//   Stop…          Vm::request_stop()              Pause…   Vm::pause(), resume()
//   Defer…         PendingExit::begin()            Answer…  Vcpu::complete_exit()
// Where code had an error once, or could be thought to be stronger than it must be, Code has a switch for it, and a test
// shows what goes wrong.

#include "explorer.hpp"
#include "wake_protocol_others.hpp"

namespace trv::model {

class Protocol : OtherCpus {
  public:
    Protocol(const Code& code, Role one, Role two) : OtherCpus(code), roles_{one, two} {}

    [[nodiscard]] Exploration explore() const {
        State initial;
        initial.sleeps = 1;
        initial.accesses = roles_[0] == Role::AnswerAccess || roles_[0] == Role::NeverAnswer ? 1 : 0;
        initial.ticks = 2;
        initial.pc[1] = first_of(roles_[0]);
        initial.pc[2] = first_of(roles_[1]);
        return model::explore(initial, [this](const State& state, auto emit) { successors(state, emit); }, judge);
    }

  private:
    template <typename Emit>
    void successors(const State& state, Emit emit) const {
        constexpr std::array names = {"0: a store becomes visible", "1: a store becomes visible",
                                      "2: a store becomes visible"};
        for (unsigned cpu = 0; cpu < 3; ++cpu) {
            state.memory.drain(cpu, [&](const auto& memory) {
                State next = state;
                next.memory = memory;
                emit(names[cpu], next);
            });
        }
        home(state, emit);
        for (unsigned cpu = 1; cpu < 3; ++cpu) {
            other(state, cpu, emit);
        }
    }

    template <typename Emit>
    void request_own_attention(const State& state, Pc then, Emit emit) const {
        State next = state;
        if (code_.attention_only_exchanged) {
            if (state.memory.can_exchange(0, attention, Order::Relaxed)) {
                (void)next.memory.exchange(attention, true);
                go(next, 0, then, "0: request_own_attention", emit);
            }
        } else if (state.memory.can_store(0)) {
            next.memory.store(0, attention, true);
            go(next, 0, then, "0: attention = true, plainly", emit);
        }
    }
    /// Puts the interrupt into a list register if the vCPU is marked. Under the vGIC's lock.
    static void refill(State& next) {
        if (next.memory.load(0, stale)) {
            next.memory.store(0, stale, false);
            next.listed = 1;
        }
    }

    template <typename Emit>
    void home(const State& state, Emit emit) const {
        State next = state;
        switch (state.pc[0]) {
        case Pc::Guest:
            if (state.sgi != 0) {
                next.sgi = 0;
                go(next, 0, Pc::ExitAttention, "0: guest, takes the SGI", emit);
                next = state;
            }
            if (state.sleeps != 0) {
                --next.sleeps;
                go(next, 0, Pc::SleepClear, "0: guest, WFI", emit);
                next = state;
                next.sleeps = 0;
                emit("0: guest, no WFI any more", next);
                next = state;
            }
            if (state.accesses != 0 && state.memory.can_store(0)) {
                --next.accesses;
                next.memory.store(0, awaiting, true);
                go(next, 0, Pc::DeferAttention, "0: guest, an access that is answered later", emit);
                next = state;
            }
            if (state.ticks != 0) {
                go(next, 0, Pc::Tick, "0: guest, timer interrupt", emit);
                next.ticks = 0;
                emit("0: guest, no timer interrupt any more", next);
            }
            return;
        case Pc::Tick:
            --next.ticks;
            request_own_attention(next, Pc::ExitAttention, emit);
            if (next.ticks != 0) {
                request_own_attention(next, Pc::Tick, emit);
            }
            return;
        case Pc::DeferAttention:
            request_own_attention(next, Pc::DeferPublish, emit);
            return;
        case Pc::DeferPublish: // the end of a critical section
            if (state.memory.can_store(0)) {
                next.memory.store(0, deferred, true, Order::Release);
                next.published = 1;
                go(next, 0, Pc::ExitAttention, "0: begin, who answers may see it", emit);
            }
            return;
        case Pc::ExitAttention:
            go(next, 0, read(state, 0, attention) ? Pc::RunClear : Pc::ExitStale, "0: exit, attention?", emit);
            return;
        case Pc::ExitStale:
            go(next, 0, read(state, 0, stale) ? Pc::ExitFlush : Pc::Guest, "0: exit, stale?", emit);
            return;
        case Pc::ExitFlush:
        case Pc::RunFlush:
            locked(state, 0, vgic_lock, "0: flush", emit, [&](State& inside) {
                refill(inside);
                inside.pc[0] = state.pc[0] == Pc::ExitFlush ? Pc::Guest : Pc::RunAttention;
            });
            return;
        case Pc::SleepClear:
            if (state.memory.can_store(0)) {
                next.memory.store(0, woken, false, code_.clear_wake);
                go(next, 0, code_.stale_is_read_under_lock ? Pc::SleepLook : Pc::SleepGlance, "0: clear_wake", emit);
            }
            return;
        case Pc::SleepGlance: // the code before: nothing is taken over from the state unless the mark is seen here
            if (read(state, 0, stale)) {
                go(next, 0, Pc::SleepLook, "0: has_deliverable, stale seen without the lock", emit);
            } else {
                go(next, 0, state.listed != 0 ? Pc::ExitAttention : Pc::BlockLock,
                   "0: has_deliverable, stale not seen without the lock", emit);
            }
            return;
        case Pc::SleepLook:
            locked(state, 0, vgic_lock, "0: has_deliverable", emit, [](State& inside) {
                refill(inside);
                inside.pc[0] = inside.listed != 0 ? Pc::ExitAttention : Pc::BlockLock;
            });
            return;
        default:
            home_scheduler(state, emit);
            return;
        }
    }

    template <typename Emit>
    void home_scheduler(const State& state, Emit emit) const {
        State next = state;
        switch (state.pc[0]) {
        case Pc::BlockLock:
            if (state.memory.can_lock(0, scheduler_lock)) {
                next.memory.lock(scheduler_lock);
                go(next, 0, Pc::BlockWoken, "0: block, lock", emit);
            }
            return;
        case Pc::BlockWoken:
            if (read(state, 0, woken)) {
                leave_block(next, Pc::ExitAttention, "0: block, woken", emit);
            } else {
                go(next, 0, code_.block_looks_at_requests ? Pc::BlockStop : Pc::BlockDo, "0: block, not woken", emit);
            }
            return;
        case Pc::BlockStop:
            if (read(state, 0, stop)) {
                leave_block(next, Pc::ExitAttention, "0: block, stop seen", emit);
            } else {
                go(next, 0, Pc::BlockPaused, "0: block, no stop seen", emit);
            }
            return;
        case Pc::BlockPaused:
            if (read(state, 0, paused)) {
                leave_block(next, Pc::ExitAttention, "0: block, pause seen", emit);
            } else {
                go(next, 0, Pc::BlockDo, "0: block, no pause seen", emit);
            }
            return;
        case Pc::BlockDo:
            next.run = Run::Blocked;
            next.current = 0;
            leave_block(next, Pc::BlockAttention, "0: block, Blocked", emit);
            return;
        case Pc::BlockAttention:
            request_own_attention(state, Pc::RunClear, emit);
            return;
        case Pc::RunClear:
            if (state.memory.can_exchange(0, attention, Order::Release)) {
                (void)next.memory.exchange(attention, false);
                go(next, 0, Pc::RunPick, "0: run, clears attention", emit);
            } else if (state.memory.can_forward(0, attention)) {
                (void)next.memory.exchange_forwarded(0, attention, false);
                go(next, 0, Pc::RunPick, "0: run, clears attention that it has just set itself", emit);
            }
            return;
        case Pc::RunPick:
            if (state.current != 0) {
                go(next, 0, Pc::RunStop, "0: run, has a vCPU", emit);
                return;
            }
            locked(state, 0, scheduler_lock, "0: run, pick", emit, [](State& inside) {
                inside.current = inside.run == Run::Ready ? 1 : 0;
                inside.run = inside.current != 0 ? Run::Running : inside.run;
                inside.pc[0] = inside.current != 0 ? Pc::RunStop : Pc::RestAttention;
            });
            return;
        case Pc::RunOffset:
            next.early = state.published != 0 && state.answered == 0 ? 1 : state.early;
            next.offset_read = state.offset_read == 2 ? 0 : (read(state, 0, offset) ? 1 : 0);
            go(next, 0, Pc::RunStale, "0: run, counter offset", emit);
            return;
        case Pc::RunStale:
            go(next, 0, read(state, 0, stale) ? Pc::RunFlush : Pc::RunAttention, "0: run, stale?", emit);
            return;
        case Pc::RunAttention:
            go(next, 0, read(state, 0, attention) ? Pc::RunClear : Pc::Guest, "0: run, attention?", emit);
            return;
        case Pc::RestAttention:
            next.sgi = read(state, 0, attention) ? 0 : state.sgi;
            go(next, 0, read(state, 0, attention) ? Pc::RunClear : Pc::RestSleep, "0: rest, attention?", emit);
            return;
        case Pc::RestSleep:
            if (state.sgi != 0) {
                next.sgi = 0;
                go(next, 0, Pc::RunClear, "0: rest, the SGI ends it", emit);
            }
            return;
        default:
            home_withdraw(state, emit);
            return;
        }
    }
    template <typename Emit>
    static void leave_block(State next, Pc to, const char* name, Emit emit) {
        if (next.memory.can_store(0)) {
            next.memory.unlock(0, scheduler_lock);
            go(next, 0, to, name, emit);
        }
    }

    template <typename Emit>
    void home_withdraw(const State& state, Emit emit) const {
        State next = state;
        switch (state.pc[0]) {
        case Pc::RunStop:
            go(next, 0, read(state, 0, stop) ? Pc::RunPark : Pc::RunPaused, "0: withdraw, stop?", emit);
            return;
        case Pc::RunPaused:
            if (!code_.is_paused_acquires && state.offset_read != 2 && !read(state, 0, offset)) {
                next.offset_read = 2;
                emit("0: withdraw, the counter offset is read early", next);
                next = state;
            }
            if (state.memory.can_load_acquire(0)) {
                go(next, 0, read(state, 0, paused) ? Pc::RunHold : Pc::RunAwaiting, "0: withdraw, paused?", emit);
            }
            return;
        case Pc::RunAwaiting:
            if (state.accesses == 0 && !code_.flag_decides && state.published == 2) {
                go(next, 0, Pc::RunOffset, "0: withdraw, was made Ready", emit);
            } else if (state.memory.can_load_acquire(0)) {
                go(next, 0, read(state, 0, awaiting) ? Pc::RunAwait : Pc::RunOffset, "0: withdraw, awaiting?", emit);
            }
            return;
        case Pc::RunAwait:
            locked(state, 0, scheduler_lock, "0: await", emit, [this](State& inside) {
                const bool requested = inside.memory.load(0, stop) || inside.memory.load(0, paused);
                if (code_.await_looks_at_requests && requested) {
                    inside.pc[0] = Pc::RunClear;
                    return;
                }
                const bool waits = !code_.await_looks_under_lock || inside.memory.load(0, awaiting);
                inside.run = waits ? Run::Waiting : inside.run;
                inside.current = waits ? 0 : inside.current;
                inside.published = waits ? 2 : inside.published;
                inside.pc[0] = waits ? Pc::RunClear : Pc::RunOffset;
            });
            return;
        case Pc::RunPark:
            locked(state, 0, scheduler_lock, "0: park", emit, [](State& inside) {
                inside.run = Run::Off;
                inside.current = 0;
                inside.pc[0] = Pc::BlockAttention;
            });
            return;
        case Pc::RunHold:
            locked(state, 0, scheduler_lock, "0: hold", emit, [this](State& inside) {
                inside.run = Run::Held;
                inside.current = 0;
                inside.pc[0] = code_.hold_looks_again ? Pc::RunHoldPaused : Pc::RunClear;
            });
            return;
        case Pc::RunHoldPaused:
            if (state.memory.can_load_acquire(0)) {
                go(next, 0, read(state, 0, paused) ? Pc::RunHoldStop : Pc::RunRelease, "0: withdraw, still paused?",
                   emit);
            }
            return;
        case Pc::RunHoldStop:
            go(next, 0, read(state, 0, stop) ? Pc::RunRelease : Pc::RunClear, "0: withdraw, stop now?", emit);
            return;
        case Pc::RunRelease:
            locked(state, 0, scheduler_lock, "0: release", emit, [](State& inside) {
                inside.pc[0] = inside.run == Run::Held ? Pc::BlockAttention : Pc::RunClear;
                inside.run = inside.run == Run::Held ? Run::Ready : inside.run;
            });
            return;
        default:
            return;
        }
    }

    static std::string_view judge(const State& state) {
        for (const unsigned cpu : {1U, 2U}) {
            const bool unasked = state.pc[cpu] == Pc::Answer && state.published == 0;
            if (state.pc[cpu] != Pc::Done && !unasked) {
                return "another CPU waits for ever";
            }
        }
        if (state.early != 0) {
            return "the guest runs without the answer to its access";
        }
        if (state.stopped != 0) {
            return state.run == Run::Off ? "" : "the VM stops, but its vCPU is never parked";
        }
        if (state.run == Run::Held) {
            return "the pause is over, but the vCPU is still held";
        }
        if (state.run == Run::Waiting) {
            return state.answered != 0 ? "the access is answered, but the vCPU still waits" : "";
        }
        if (state.raised != 0 && (state.listed == 0 || state.pc[0] != Pc::Guest)) {
            return "the interrupt is never delivered";
        }
        if (state.resumed != 0 && state.pc[0] == Pc::Guest && state.offset_read == 0) {
            return "the guest runs with the counter offset of before the pause";
        }
        return "";
    }

    std::array<Role, 2> roles_;
};

} // namespace trv::model

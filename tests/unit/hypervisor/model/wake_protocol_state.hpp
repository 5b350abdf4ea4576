// SPDX-License-Identifier: Apache-2.0
#pragma once
// The model of wake_protocol.hpp: what its CPUs share, and where each of them is.

#include "weak_memory.hpp"

#include <array>

namespace trv::model {

struct Code {
    bool block_looks_at_requests = true;     ///< Scheduler::block() looks at Runnable::verdict()
    bool stale_is_read_under_lock = true;    ///< VGic::has_deliverable()
    Order clear_wake = Order::Relaxed;       ///< Runnable::clear_wake()
    bool attention_only_exchanged = true;    ///< PerCpu::request_own_attention() is no plain store
    bool hold_looks_again = true;            ///< Scheduler::withdraw(), behind hold()
    bool is_paused_acquires = true;          ///< else what follows may be read before it
    Order resume_publishes = Order::Release; ///< GuestClock::end_pause()'s store to paused_
    bool await_looks_at_requests = true;     ///< Scheduler::await() looks at Runnable::verdict()
    bool await_looks_under_lock = true;      ///< Scheduler::await()
    bool summon_wakes_waiting = true;        ///< Scheduler::summon()
    bool flag_decides = true;                ///< Runnable::is_awaiting(), not that it was once made Ready
};

enum Variable : u8 {
    woken,
    attention,
    stale,
    stop,
    paused,
    offset,
    vgic_lock,
    scheduler_lock,
    pause_lock,
    awaiting,
    deferred,
    variables
};
enum class Run : u8 { Off, Ready, Running, Blocked, Held, Waiting };
enum class Role : u8 { Nothing, RaiseInterrupt, StopVm, PauseAndResume, AnswerAccess, NeverAnswer };

enum class Pc : u8 {
    Done,
    // CPU 0
    Guest,
    ExitAttention,
    ExitStale,
    ExitFlush,
    Tick,
    DeferAttention,
    DeferPublish,
    SleepClear,
    SleepGlance,
    SleepLook,
    BlockLock,
    BlockWoken,
    BlockStop,
    BlockPaused,
    BlockDo,
    BlockAttention,
    RunClear,
    RunPick,
    RunStop,
    RunPaused,
    RunAwaiting,
    RunAwait,
    RunPark,
    RunHold,
    RunHoldPaused,
    RunHoldStop,
    RunRelease,
    RunReleaseAttention,
    RunOffset,
    RunStale,
    RunFlush,
    RunAttention,
    RestAttention,
    RestSleep,
    // the others
    Raise,
    WakeFlag,
    WakeState,
    WakeAttention,
    WakeSgi,
    StopReason,
    StopUnpause,
    StopRelease,
    Pause,
    Resume,
    ResumeRelease,
    Answer,
    AnswerState,
};

struct State {
    WeakMemory<3, variables> memory;
    std::array<Pc, 3> pc{Pc::Guest, Pc::Done, Pc::Done};
    std::array<u8, 3> kicks{}; ///< this CPU wakes in any case, whatever the vCPU's state
    Run run = Run::Running;
    u8 current = 1;
    u8 sgi = 0;    ///< pending for CPU 0
    u8 sleeps = 0; ///< WFIs that the guest may execute yet
    u8 ticks = 0;  ///< local reasons for attention, of which one interrupt may find two
    u8 raised = 0;
    u8 listed = 0;      ///< the interrupt is in a list register
    u8 offset_read = 0; ///< whether the CPU runs the guest with the offset of after the pause; 2: read too early
    u8 stopped = 0;
    u8 resumed = 0;
    u8 accesses = 0; ///< that the guest may make yet and that are answered later
    u8 published = 0;
    u8 answered = 0;
    u8 early = 0; ///< the guest ran between these two
};

} // namespace trv::model

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Trace points: a load and a branch while tracing is off, and no code without Kconfig TRACE. A record goes into the
// ring of the CPU where the event happens.

#include "generated/option/trace.hpp"
#include "sched/per_cpu.hpp"
#include "trace/ring.hpp"

namespace trv::sched {

/// The CPU's ring while tracing is on, otherwise null. Own CPU.
[[nodiscard]] inline trace::Ring* trace_ring(PerCpu& cpu) {
    if constexpr (option::trace) {
        return cpu.trace_ring.load(std::memory_order_acquire); // pairs with Tracing::start(): the ring is ready
    } else {
        return nullptr;
    }
}

/// Writes the record with a time stamp into the ring.
void write_trace(trace::Ring& ring, trace::Record record);
/// The same, of parts: those who call it need no room for a record.
void write_trace(trace::Ring& ring, trace::Kind kind, u32 a);
/// The same, for a vCPU.
void write_trace(trace::Ring& ring, trace::Kind kind, Runnable& vcpu, u8 detail, u32 a, u64 b);

inline void trace_event(PerCpu& cpu, trace::Kind kind, u32 a = 0) {
    if (trace::Ring* const ring = trace_ring(cpu)) [[unlikely]] {
        write_trace(*ring, kind, a);
    }
}

inline void trace_event(PerCpu& cpu, trace::Kind kind, Runnable& vcpu, u8 detail = 0, u32 a = 0, u64 b = 0) {
    if (trace::Ring* const ring = trace_ring(cpu)) [[unlikely]] {
        write_trace(*ring, kind, vcpu, detail, a, b);
    }
}

inline void trace_leave(PerCpu& cpu, Runnable& vcpu, trace::Cause cause) {
    trace_event(cpu, trace::Kind::Leave, vcpu, static_cast<u8>(cause));
}

} // namespace trv::sched

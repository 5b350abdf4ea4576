// SPDX-License-Identifier: Apache-2.0
#include "sched/trace_points.hpp"

#include "arch/cpu/clock.hpp"
#include "sched/runnable.hpp"

namespace trv::sched {

[[gnu::cold]] void write_trace(trace::Ring& ring, trace::Record record) {
    record.time = arch::ticks();
    ring.write(record);
}

[[gnu::cold]] void write_trace(trace::Ring& ring, trace::Kind kind, u32 a) {
    write_trace(ring, {.kind = kind, .a = a});
}

[[gnu::cold]] void write_trace(trace::Ring& ring, trace::Kind kind, Runnable& vcpu, u8 detail, u32 a, u64 b) {
    write_trace(ring, {.kind = kind,
                       .vm = static_cast<u8>(vcpu.group().index),
                       .vcpu = static_cast<u8>(vcpu.index()),
                       .detail = detail,
                       .a = a,
                       .b = b});
}

} // namespace trv::sched

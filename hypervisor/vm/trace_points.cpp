// SPDX-License-Identifier: Apache-2.0
#include "vm/trace_points.hpp"

#include "arch/clock.hpp"
#include "vm/vm.hpp"

namespace trv::vm {

[[gnu::cold]] void write_trace(trace::Ring& ring, trace::Record record) {
    record.time = arch::ticks();
    ring.write(record);
}

[[gnu::cold]] void write_trace(trace::Ring& ring, trace::Kind kind, Vcpu& vcpu, u8 detail, u32 a, u64 b) {
    write_trace(ring, {.kind = kind,
                       .vm = static_cast<u8>(vcpu.vm().index()),
                       .vcpu = static_cast<u8>(vcpu.index()),
                       .detail = detail,
                       .a = a,
                       .b = b});
}

} // namespace trv::vm

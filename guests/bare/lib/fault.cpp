// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/fault.hpp"

#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/power.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/offsets.h"

#include <cstddef>

extern "C" void bare_recover();

namespace trv::bare {
namespace {

struct ExceptionFrame {
    u64 x[31];
    u64 pc;
    u64 pstate;
};
static_assert(offsetof(ExceptionFrame, x[30]) == FRAME_X30);
static_assert(offsetof(ExceptionFrame, pc) == FRAME_PC);
static_assert(offsetof(ExceptionFrame, pstate) == FRAME_PSTATE);
static_assert(sizeof(ExceptionFrame) <= FRAME_SIZE && FRAME_SIZE % 16 == 0);

enum class ExceptionKind : u32 { Sync = KIND_SYNC, Irq = KIND_IRQ, Fiq = KIND_FIQ, SError = KIND_SERROR };

[[noreturn]] void stop_on(const ExceptionFrame& frame, ExceptionKind kind, const Fault& fault) {
    constexpr const char* names[] = {"exception", "interrupt", "FIQ", "SError"};
    print("FAIL unexpected {} on vCPU {}: ESR {} FAR {} at {}, x30 {}, SPSR {}\n", names[static_cast<u32>(kind)],
          this_cpu().index, hex(fault.syndrome), hex(fault.address), hex(fault.pc), hex(frame.x[30]),
          hex(frame.pstate));
    power::system_off();
}

} // namespace

Fault last_fault() {
    return this_cpu().fault;
}

extern "C" void bare_exception(ExceptionFrame* frame, ExceptionKind kind) {
    Cpu& self = this_cpu();
    if (kind == ExceptionKind::Irq && self.on_interrupt != nullptr) {
        self.on_interrupt();
        return;
    }
    const Fault fault{arch::EsrEl1::read(), arch::FarEl1::read(), frame->pc};
    if (kind != ExceptionKind::Sync || self.recovery == 0) {
        stop_on(*frame, kind, fault);
    }
    self.fault = fault;
    frame->pc = reinterpret_cast<u64>(bare_recover);
    frame->pstate |= arch::bit(9); // D: no step or breakpoint is due any more
    frame->x[0] = self.recovery;
}

} // namespace trv::bare

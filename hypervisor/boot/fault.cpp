// SPDX-License-Identifier: Apache-2.0
// Hypervisor faults and panics: one CPU reports, then the machine powers off.

#include "arch/cpu/wait.hpp"
#include "arch/entry.hpp"
#include "arch/exception/backtrace.hpp"
#include "arch/exception/exit_kind.hpp"
#include "arch/firmware.hpp"
#include "arch/guest_context.hpp"
#include "arch/memory/cache.hpp"
#include "arch/registers/syndrome.hpp"
#include "arch/registers/sysreg.hpp"
#include "arch/this_cpu.hpp"
#include "boot/symbols.hpp"
#include "boot/system.hpp"
#include "lib/log.hpp"

#include <atomic>

namespace trv::boot {
namespace {

/// The first CPU that gets here reports; others wait for the power-off. Another fault on the reporting CPU ends its
/// report.
void claim_the_end() {
    static constinit std::atomic<const arch::CpuBlock*> claimant = nullptr;
    const arch::CpuBlock* const self = &arch::cpu_block();
    const arch::CpuBlock* first = nullptr;
    if (claimant.compare_exchange_strong(first, self)) {
        return;
    }
    if (first == self) {
        arch::power_off();
    }
    for (;;) {
        arch::wait_for_interrupt();
    }
}

/// Null before it is open: then, panics are reported on the build's early UART, if it has one.
console::Console* open_console() {
    Late<console::Console>& console = the_system.console;
    return console && console->is_open() ? &*console : nullptr;
}

void write(std::string_view text) {
    if (console::Console* const console = open_console()) {
        console->emergency_write(text);
    } else {
        arch::clean_and_invalidate(text.data(), text.size()); // early_write() reads it with the caches off
        early_write(text.data(), text.size());
    }
}

template <typename... Arguments>
void say(std::string_view pattern, const Arguments&... arguments) {
    char line[240];
    const std::string_view text = format_to(std::span(line).first(sizeof(line) - 2), pattern, arguments...);
    line[text.size()] = '\r';
    line[text.size() + 1] = '\n';
    write({line, text.size() + 2});
}

void say_where(unsigned depth, u64 address) {
    const Symbol symbol = symbol_at(address);
    say("  #{} {} {} + {}", depth, hex(address, 16), symbol.name(), hex(symbol.offset()));
}

void say_backtrace(u64 pc, u64 frame) {
    say("call stack:");
    say_where(0, pc);
    unsigned depth = 1;
    arch::walk_frames(frame, [&depth](u64 return_address) {
        say_where(depth++, return_address - 4); // the call, not what follows it
    });
}

std::string_view name_of(arch::ExitKind kind) {
    switch (kind) {
    case arch::ExitKind::Sync:
        return "exception";
    case arch::ExitKind::Irq:
        return "interrupt";
    case arch::ExitKind::Fiq:
        return "fast interrupt";
    case arch::ExitKind::SError:
        return "SError";
    }
    return "unknown vector";
}

[[noreturn]] void end_machine() {
    say("the machine stops here");
    if (console::Console* const console = open_console()) {
        console->announce_panic();
    }
    arch::power_off();
}

} // namespace

void last_words(std::string_view line) {
    say("{}", line);
}

/// From arch/vectors.S: an exception at EL2 itself.
extern "C" [[noreturn]] void trivisor_fault(const arch::GuestRegisters* registers, arch::ExitKind kind, u64 stack) {
    claim_the_end();
    const arch::GuestRegisters& r = *registers;
    const u64 syndrome = arch::EsrEl2::read();
    const u64 address = arch::FarEl2::read();
    say("");
    say("HYPERVISOR FAULT: {} at EL2: {}; {}", name_of(kind), arch::describe_exception_class(syndrome),
        arch::describe_fault_status(syndrome));
    say("  pc {}  pstate {}  esr {}  far {}", hex(r.pc, 16), hex(r.pstate, 8), hex(syndrome, 8), hex(address, 16));
    for (unsigned i = 0; i < 28; i += 4) {
        say("  x{} {}  x{} {}  x{} {}  x{} {}", i, hex(r.x[i], 16), i + 1, hex(r.x[i + 1], 16), i + 2,
            hex(r.x[i + 2], 16), i + 3, hex(r.x[i + 3], 16));
    }
    say("  x28 {}  x29 {}  lr {}  sp {}", hex(r.x[28], 16), hex(r.x[29], 16), hex(r.x[30], 16), hex(stack, 16));
    say_backtrace(r.pc, r.x[29]);
    end_machine();
}

} // namespace trv::boot

namespace trv {

void panic(std::string_view reason) {
    boot::claim_the_end();
    boot::say("");
    boot::say("HYPERVISOR PANIC: {}", reason);
    boot::say_backtrace(reinterpret_cast<u64>(__builtin_return_address(0)),
                        reinterpret_cast<u64>(__builtin_frame_address(0)));
    boot::end_machine();
}

} // namespace trv

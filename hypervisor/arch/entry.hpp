// SPDX-License-Identifier: Apache-2.0
#pragma once
// C++ declarations of the functions in arch/vectors.S and boot/start.S.

#include "lib/types.hpp"

namespace trv::arch {
struct CpuBlock;
enum class ExitKind : u32;
} // namespace trv::arch

extern "C" {

/// The exit handler that the vectors call while tracing is off; it is in trap/exit.cpp.
void trivisor_exit(trv::arch::ExitKind kind, trv::arch::CpuBlock& cpu);

/// Enters the loaded vCPU's guest with this_cpu()'s registers.
[[noreturn]] void enter_guest();

/// Switches this CPU to other tables with the MMU off for a moment, so that no TLB holds both; turns on WXN.
void install_tables(trv::u64 ttbr0, trv::u64 tcr, trv::u64 mair);

/// Continues in `function` on another stack; the old stack is not used again.
[[noreturn]] void continue_on_stack(trv::Va stack_top, void (*function)());

/// Makes the stack protector's secret another one. No function that was entered before may return afterwards.
void mix_into_stack_guard(trv::u64 secret);

/// Writes text to the build's early UART (Kconfig EARLY_UART_ADDRESS) with the MMU off for a moment: for errors before
/// the console is up. Precondition: the text is clean in the caches.
void early_write(const char* text, trv::u64 size);

/// Opens PSTATE.A for a moment, so that a pending SError is taken: in arch/vectors.S.
/// @return ESR_EL2 of it; 0 if there was none. All registers that describe the exit are as before.
[[nodiscard]] trv::u64 take_serror();

extern char exception_vectors[];
/// The same, but exits begin with what CpuBlock says against branch prediction. With Kconfig SPECULATION.
extern char measured_vectors[];
extern char secondary_start[];

} // extern "C"

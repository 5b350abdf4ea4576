// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds a physical CPU's own data: through TPIDR_EL2.

#include "arch/exception/exit_kind.hpp"
#include "arch/guest_context.hpp"

#include <atomic>

namespace trv::arch {

struct CpuBlock;

/// Handles a guest's exit; returns with a vCPU loaded whose guest may run.
using ExitHandler = void (*)(ExitKind kind, CpuBlock& cpu);

/// What arch/ itself has to do with of a CPU's data, assembly (arch/vectors.S) with its beginning; sched::PerCpu begins
/// with it.
struct CpuBlock {
    GuestRegisters* registers = nullptr;             ///< of the loaded vCPU
    GuestRegisters* fault_frame = nullptr;           ///< where a hypervisor fault is saved: the top of the fault stack
    std::atomic<ExitHandler> exit_handler = nullptr; ///< with Kconfig TRACE; any CPU may exchange it
    u32 exit_call = 0;  ///< what arch/vectors.S does against branch prediction at each exit, see arch/speculation.hpp
    u32 loop_count = 0; ///< the same

    /// Any CPU sets it: look at the scheduler before a guest is entered. Only exchange() may write it. Scheduler::run()
    /// then synchronizes with every CPU whose exchange came before its own, also with those that found the flag set and
    /// sent no SGI; a plain store in between would end their release sequence.
    std::atomic<bool> attention = true;
    bool has_error = false; ///< an asynchronous error was taken (arch/asynchronous_error.hpp), own CPU only
    u64 error_syndrome = 0; ///< the last one's, as in ESR_EL2
};

[[nodiscard]] inline CpuBlock& cpu_block() {
    u64 block;
    asm("mrs %0, tpidr_el2" : "=r"(block)); // never changes after boot, hence not volatile
    return *reinterpret_cast<CpuBlock*>(block);
}

inline void set_cpu_block(CpuBlock& block) {
    asm volatile("msr tpidr_el2, %0" : : "r"(&block) : "memory");
}

} // namespace trv::arch

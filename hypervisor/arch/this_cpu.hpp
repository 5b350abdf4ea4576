#pragma once
// The way from a physical CPU to its own data: TPIDR_EL2.

#include "arch/exit_kind.hpp"
#include "arch/guest_context.hpp"

#include <atomic>

namespace trv::arch {

struct CpuBlock;

/// What a guest's exit is for: returns with a vCPU loaded whose guest may run.
using ExitHandler = void (*)(ExitKind kind, CpuBlock& cpu);

/// What assembly (arch/vectors.S) reads of a CPU's data; vm::PerCpu begins with it.
struct CpuBlock {
    GuestRegisters* registers = nullptr;             ///< of the loaded vCPU
    GuestRegisters* fault_frame = nullptr;           ///< where a fault of ours is saved: the top of the fault stack
    std::atomic<ExitHandler> exit_handler = nullptr; ///< with Kconfig TRACE; any CPU may exchange it
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

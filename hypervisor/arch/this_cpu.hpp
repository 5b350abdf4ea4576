#pragma once
// The way from a physical CPU to its own data: TPIDR_EL2.

#include "arch/guest_context.hpp"

namespace trv::arch {

/// What assembly (arch/vectors.S) reads of a CPU's data; vm::PerCpu begins with it.
struct CpuBlock {
    GuestRegisters* registers = nullptr;   ///< of the loaded vCPU
    GuestRegisters* fault_frame = nullptr; ///< where a fault of ours is saved: the top of the fault stack
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

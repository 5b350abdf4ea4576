#pragma once
// On the host a test chooses which physical CPU it plays.

#include "arch/exit_kind.hpp"
#include "arch/guest_context.hpp"

#include <atomic>

namespace trv::arch {

struct CpuBlock;
using ExitHandler = void (*)(ExitKind kind, CpuBlock& cpu);

struct CpuBlock {
    GuestRegisters* registers = nullptr;
    GuestRegisters* fault_frame = nullptr;
    std::atomic<ExitHandler> exit_handler = nullptr;
};

inline CpuBlock* fake_current_cpu = nullptr;

[[nodiscard]] inline CpuBlock& cpu_block() {
    return *fake_current_cpu;
}
inline void set_cpu_block(CpuBlock& block) {
    fake_current_cpu = &block;
}

} // namespace trv::arch

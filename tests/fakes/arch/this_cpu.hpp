// SPDX-License-Identifier: Apache-2.0
#pragma once
// On the host a test chooses which physical CPU it plays.

#include "arch/exception/exit_kind.hpp"
#include "arch/guest_context.hpp"

#include <atomic>

namespace trv::arch {

struct CpuBlock;
using ExitHandler = void (*)(ExitKind kind, CpuBlock& cpu);

struct CpuBlock {
    GuestRegisters* registers = nullptr;
    GuestRegisters* fault_frame = nullptr;
    std::atomic<ExitHandler> exit_handler = nullptr;
    u32 exit_call = 0;
    u32 loop_count = 0;
    std::atomic<bool> attention = true;
    bool has_error = false;
    u64 error_syndrome = 0;
};

inline CpuBlock* fake_current_cpu = nullptr;

[[nodiscard]] inline CpuBlock& cpu_block() {
    return *fake_current_cpu;
}
inline void set_cpu_block(CpuBlock& block) {
    fake_current_cpu = &block;
}

} // namespace trv::arch

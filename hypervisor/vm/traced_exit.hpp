#pragma once

#include "arch/this_cpu.hpp"

namespace trv::vm {

/// What guests' exits call in place of trivisor_exit() while a trace is taken (arch::CpuBlock::exit_handler): the same
/// between two records, so that the way without a trace is none the longer for it.
void traced_exit(arch::ExitKind kind, arch::CpuBlock& cpu);

} // namespace trv::vm

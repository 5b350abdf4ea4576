// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/this_cpu.hpp"

namespace trv::trap {

/// The exit handler while tracing is on (arch::CpuBlock::exit_handler): calls trivisor_exit() between two records, so
/// that the path without tracing is not longer.
void traced_exit(arch::ExitKind kind, arch::CpuBlock& cpu);

} // namespace trv::trap

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Carries out what arch/speculation.hpp chose for a CPU.

#include "lib/types.hpp"

#include <span>

namespace trv::sched {

struct PerCpu;

/// Learns what the calling CPU is and needs, and switches on what stays on. Before its first guest.
void start_measures(PerCpu& cpu);

/// Logs, for each kind of CPU, what was chosen and what a guest can do to it whatever the hypervisor does.
void log_measures(std::span<const PerCpu> cpus);

/// The VM that is loaded next cannot use what another one trained the CPU's branch predictor for. Own CPU.
/// @param vttbr  names the VM
void forget_branches(PerCpu& cpu, u64 vttbr);

} // namespace trv::sched

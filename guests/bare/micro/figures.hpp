// SPDX-License-Identifier: Apache-2.0
#pragma once
// The measurements, and how a figure is printed: a row for people, a line of JSON for tools.

#include "lib/types.hpp"

#include <string_view>

namespace trv::bare::micro {

/// @param ticks  of the counter, for all `count` times together
void print_figure(std::string_view name, u64 ticks, u64 count);

void traps(std::string_view arguments);
void timer_latency(std::string_view arguments);
/// Between vCPU 0 and 1, each on a CPU of its own.
void sgi_ping_pong(std::string_view arguments);
/// The same with both on one CPU: sending, blocking, switching and taking the interrupt.
void vcpu_switch(std::string_view arguments);

} // namespace trv::bare::micro

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The groups of checks, each a command of its own.

#include <string_view>

namespace trv::bare::checks {

void identification(std::string_view arguments);
void registers(std::string_view arguments);
void calls(std::string_view arguments);
void power_states(std::string_view arguments);
void mmio(std::string_view arguments);
void memory(std::string_view arguments);
void sgi(std::string_view arguments);
void spi(std::string_view arguments);
void overflow(std::string_view arguments);
void preemption(std::string_view arguments);
void timers(std::string_view arguments);
void context(std::string_view arguments);
void debug(std::string_view arguments);
void stolen_time(std::string_view arguments);
void pmu(std::string_view arguments);
void share(std::string_view arguments);
void passed(std::string_view arguments);
void host_limits(std::string_view arguments);

} // namespace trv::bare::checks

// SPDX-License-Identifier: Apache-2.0
// Conformance of what the hypervisor shows to EL1.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/payload.hpp"

namespace trv::bare {
namespace {

constexpr Command groups[] = {
    {"identification", checks::identification},
    {"registers", checks::registers},
    {"calls", checks::calls},
    {"power", checks::power_states},
    {"mmio", checks::mmio},
    {"memory", checks::memory},
    {"sgi", checks::sgi},
    {"spi", checks::spi},
    {"overflow", checks::overflow},
    {"preemption", checks::preemption},
    {"timers", checks::timers},
    {"context", checks::context},
    {"debug", checks::debug},
    {"stolen-time", checks::stolen_time},
};

/// Figures, which are not checks, and checks that need an image with performance monitors, or a VM with devices of the
/// machine.
constexpr Command others[] = {
    {"pmu", checks::pmu}, {"share", checks::share}, {"passed", checks::passed}, {"host-limits", checks::host_limits}};

} // namespace

constinit const Payload payload{.name = "checks", .suite = groups, .others = others};

} // namespace trv::bare

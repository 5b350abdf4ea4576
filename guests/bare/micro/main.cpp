// SPDX-License-Identifier: Apache-2.0
// What entering and leaving the hypervisor costs. Under an instruction clock a nanosecond is an instruction.

#include "guests/bare/lib/payload.hpp"
#include "guests/bare/micro/figures.hpp"

namespace trv::bare {
namespace {

constexpr Command on_one_vcpu[] = {
    {"traps", micro::traps},
    {"timer", micro::timer_latency},
    {"sgi", micro::sgi_ping_pong},
};

constexpr Command shared[] = {
    {"switch", micro::vcpu_switch},
};

} // namespace

constinit const Payload payload{.name = "micro", .suite = on_one_vcpu, .others = shared};

} // namespace trv::bare

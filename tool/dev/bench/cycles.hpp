// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/bench_options.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <string>

namespace trv::tool::dev::bench {

/// How a VM is made and unmade, over and over.
struct CyclesSuite {
    const char* machine; // a description of machines/
    unsigned count;
    /// A VM that switches itself off; null: none.
    const char* self_ending;
    /// A VM that is destroyed once its console has said `sign`.
    const char* destroyed;
    const char* sign;
};

/// A small bare-metal guest, 200 times.
inline constexpr CyclesSuite bare_cycles{
    .machine = "bench-cycles", .count = 200, .self_ending = "off", .destroyed = "asleep", .sign = "flood 0 "};
/// Linux, 20 times, up to its init.
inline constexpr CyclesSuite linux_cycles{.machine = "bench-cycles-linux",
                                          .count = 20,
                                          .self_ending = nullptr,
                                          .destroyed = "linux",
                                          .sign = "Run /init as init process"};

/// `trivisor bench --suite cycles` and `cycles-linux`: creates, boots and destroys a VM beside one that lives on, and
/// compares what the hypervisor has left before and after. Exit code 1 when it differs.
[[nodiscard]] Result<int> run_cycles(Context& context, const std::string& name, const CyclesSuite& suite,
                                     const BenchOptions& options);

} // namespace trv::tool::dev::bench

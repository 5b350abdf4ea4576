// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/bench_options.hpp"
#include "tool/dev/bench/figures/suite.hpp"
#include "tool/dev/bench/peers/peer.hpp"
#include "tool/platform/platform.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <vector>

namespace trv::tool::dev::bench {

struct CompareOptions {
    const platform::Platform* platform = &platform::qemu_virt; // never null
    std::vector<Peer> peers{all_peers.begin(), all_peers.end()};
    std::vector<Clock> clocks{Clock::Icount};
    unsigned runs = 5; // of each peer with the wall clock; the instruction clock needs one
    BenchOptions files{};
};

/// Runs a suite on every peer in turn that can do it, as often as asked, and prints a table for each clock, and what is
/// promised. Exit code 1 when a promise is broken, or a figure has grown over the baseline.
[[nodiscard]] Result<int> run_compare(Context& context, const Suite& suite, const CompareOptions& options);

} // namespace trv::tool::dev::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/figures.hpp"
#include "tool/dev/bench/peers/guest_run.hpp"
#include "tool/dev/bench/peers/peer.hpp"
#include "tool/support/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::dev::bench {

/// What a reader of figures works with.
struct ReadContext {
    const Paths& paths;
    Peer peer;
    const GuestRun& run;
    std::size_t guest; // whose figures are wanted
};

/// Finds a guest's figures in what the machine said.
using FigureReader = Result<std::vector<Figure>> (*)(const ReadContext&);

/// The lines `figure {…}` of the guest's console.
[[nodiscard]] Result<std::vector<Figure>> read_figure_lines(const ReadContext& context);

/// One boot: what the guests run there.
struct Measurement {
    std::string name;         // of the run's folders
    std::string payload = {}; // a bare-metal guest (guests/bare/) instead of Linux, which switches itself off
    std::string script = {};  // for a shell in every guest; or the payload's commands
    std::vector<std::string> programs = {}; // bench/guest/NAME.c, for the guests
    std::string first_process = {};         // one of the programs, which takes init's place; empty: init it is
    std::string suffix = {};                // of each row's name
    std::vector<Peer> peers{all_peers.begin(), all_peers.end()}; // that can do it
    unsigned guests = 1;                                         // at once
    unsigned vcpus = 1;                                          // of each, with the instruction clock
    unsigned cpus = 1;                                           // with the instruction clock
    bool with_tee = true;
    std::uint64_t guest_memory = 0; // bytes; 0: the default for this number of guests
    bool count_exits = false;       // with the instruction clock, whose figures no log disturbs
    bool watch_idle = false;        // afterwards: how much the guests use that have nothing to do
    FigureReader read = read_figure_lines;
};

/// What `trivisor bench --suite NAME` compares.
struct Suite {
    std::string name;
    std::string project = {}; // folder below bench/: a trusted application and its client, for the guests; empty: none
    std::vector<Clock> clocks{all_clocks.begin(), all_clocks.end()}; // that tell something
    std::vector<Measurement> measurements;
};

[[nodiscard]] std::span<const Suite> compared_suites();

/// Null if no suite has that name.
[[nodiscard]] const Suite* find_suite(std::string_view name);

} // namespace trv::tool::dev::bench

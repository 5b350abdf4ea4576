#pragma once

#include "tool/bench/peer.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::bench {

/// One boot: what the guests run there.
struct Measurement {
    std::string name;                                            // of the run's folders
    std::string script;                                          // for a shell in every guest; prints figures
    std::string suffix = {};                                     // of each row's name
    std::vector<Peer> peers{all_peers.begin(), all_peers.end()}; // that can do it
    unsigned guests = 1;                                         // at once
};

/// What `trivisor bench --suite NAME` compares.
struct Suite {
    std::string name;
    std::string project; // folder below bench/: a trusted application and its client, for the guests; empty: none
    std::vector<Measurement> measurements;
};

[[nodiscard]] std::span<const Suite> compared_suites();

/// Null when there is none of that name.
[[nodiscard]] const Suite* find_suite(std::string_view name);

} // namespace trv::tool::bench

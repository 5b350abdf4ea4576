// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/figures.hpp"
#include "tool/dev/bench/peers/peer.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// What one boot of one peer gave.
struct Sample {
    Peer peer;
    Clock clock;
    std::vector<Figure> figures{};
    std::map<std::string, std::string> refused{}; // rows that cannot be measured there: name and the TEE's answer
};

/// Reads `refused {…}` lines, which say that a row cannot be measured here.
[[nodiscard]] std::map<std::string, std::string> parse_refusals(const std::vector<std::string>& lines);

/// A figure over all runs.
struct Spread {
    double median = 0;
    double lowest = 0;
    double highest = 0;
    std::size_t runs = 0;
};

[[nodiscard]] Spread spread_of(std::vector<double> values);

/// One row of a suite's table.
struct Row {
    std::string name;
    std::string unit = "ns";
    std::map<Peer, Spread> spreads{};
    std::map<Peer, std::string> refused{};

    /// How many times as long a peer takes as another; nothing when either is missing.
    [[nodiscard]] std::optional<double> ratio(Peer peer, Peer to) const;
};

/// The rows that were measured with a clock, in the order of their first appearance.
[[nodiscard]] std::vector<Row> rows_of(const std::vector<Sample>& samples, Clock clock);

} // namespace trv::tool::dev::bench

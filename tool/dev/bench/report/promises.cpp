// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/promises.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace trv::tool::dev::bench {

namespace {

struct Promise {
    std::string_view suite;
    std::string_view row;
    double limit; // in the row's unit, or times what bare metal takes
    bool to_bare = false;
};

constexpr std::array all_promises{
    Promise{.suite = "micro", .row = "null-hypercall", .limit = 150},
    Promise{.suite = "micro", .row = "refused-smc", .limit = 200},
    Promise{.suite = "micro", .row = "vgic-read-constant", .limit = 600},
    Promise{.suite = "micro", .row = "vgic-read-state", .limit = 600},
    Promise{.suite = "micro", .row = "vgic-write", .limit = 600},
    Promise{.suite = "tee-call", .row = "invoke-none", .limit = 1.03, .to_bare = true},
    Promise{.suite = "tee-call", .row = "invoke-value", .limit = 1.03, .to_bare = true},
    Promise{.suite = "cpu", .row = "sha256", .limit = 1.0005, .to_bare = true},
    Promise{.suite = "cpu", .row = "sha256-exits", .limit = 300},
    Promise{.suite = "cpu", .row = "walk-64m", .limit = 1.0005, .to_bare = true},
    Promise{.suite = "cpu", .row = "walk-64m-exits", .limit = 300},
};

std::optional<double> measured(const Promise& promise, const std::vector<Row>& rows) {
    const auto row = std::ranges::find(rows, promise.row, &Row::name);
    if (row == rows.end()) {
        return std::nullopt;
    }
    if (promise.to_bare) {
        return row->ratio(Peer::Trivisor, Peer::Bare);
    }
    const auto ours = row->spreads.find(Peer::Trivisor);
    return ours == row->spreads.end() ? std::nullopt : std::optional{ours->second.median};
}

std::string_view word_for(Kept::Verdict verdict) {
    return verdict == Kept::Verdict::Exceeded ? "  exceeded" : verdict == Kept::Verdict::Missing ? "  missing" : "";
}

} // namespace

std::vector<Kept> check_promises(std::string_view suite, const std::vector<Row>& rows, const std::vector<Peer>& peers) {
    std::vector<Kept> kept;
    for (const Promise& promise : all_promises) {
        if (promise.suite != suite || !has(peers, Peer::Trivisor) || (promise.to_bare && !has(peers, Peer::Bare))) {
            continue;
        }
        Kept one{.what = fmt::format("{}{}", promise.row, promise.to_bare ? "/bare" : ""), .limit = promise.limit};
        if (const auto value = measured(promise, rows)) {
            one.measured = *value;
            one.verdict = *value <= promise.limit ? Kept::Verdict::Kept : Kept::Verdict::Exceeded;
        }
        kept.push_back(std::move(one));
    }
    return kept;
}

bool all_kept(const std::vector<Kept>& promises) {
    return std::ranges::all_of(promises, [](const Kept& one) { return one.verdict == Kept::Verdict::Kept; });
}

std::string promise_table(const std::vector<Kept>& promises) {
    std::size_t width = std::string_view("promise").size();
    for (const Kept& one : promises) {
        width = std::max(width, one.what.size());
    }
    std::string table = promises.empty() ? "" : fmt::format("{:<{}}  measured  at most\n", "promise", width);
    for (const Kept& one : promises) {
        const int digits = one.limit < 10 ? 5 : 1;
        table += fmt::format("{:<{}}  {:>8.{}f}  {:>7}{}\n", one.what, width, one.measured, digits, one.limit,
                             word_for(one.verdict));
    }
    return table;
}

} // namespace trv::tool::dev::bench

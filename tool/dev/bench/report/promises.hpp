// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/report/sample.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::dev::bench {

/// What docs/limits.md promises of a row, and how it was kept.
struct Kept {
    enum class Verdict { Kept, Exceeded, Missing };
    std::string what{};  // the row, or "row/bare" for how many times as much as bare metal takes
    double measured = 0; // unless it is missing
    double limit = 0;
    Verdict verdict = Verdict::Missing;
};

/// @param rows   of the suite, with the instruction clock
/// @param peers  that were measured: what is relative to bare metal is only judged beside it
[[nodiscard]] std::vector<Kept> check_promises(std::string_view suite, const std::vector<Row>& rows,
                                               const std::vector<Peer>& peers);

[[nodiscard]] bool all_kept(const std::vector<Kept>& promises);

/// A line a promise; empty without any.
[[nodiscard]] std::string promise_table(const std::vector<Kept>& promises);

} // namespace trv::tool::dev::bench

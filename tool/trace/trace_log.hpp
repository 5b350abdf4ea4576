// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/limits.hpp"
#include "contract/trace_record.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace trv::tool::trace {

using contract::trace::Record;

/// One physical CPU's records, in order.
struct CpuLog {
    /// Records that are missing before the record at `before`.
    struct Gap {
        std::size_t before;
        std::uint64_t lost;
    };
    std::vector<Record> records{};
    std::vector<Gap> gaps{};
    std::uint64_t overwritten = 0; // of all gaps
    std::uint64_t left_out = 0;    // of an unknown kind, or beyond TraceLog::most_records

    [[nodiscard]] std::uint64_t lost() const { return overwritten + left_out; }
};

struct TraceLog {
    /// Further records are counted, not kept: a trace is held in memory, and no viewer opens more.
    static constexpr std::size_t most_records = 8'000'000;

    std::array<CpuLog, contract::max_cpus> cpus{};
    std::size_t records = 0;
};

} // namespace trv::tool::trace

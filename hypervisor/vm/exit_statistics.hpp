// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/exit_reason.hpp"
#include "lib/types.hpp"

#include <array>

namespace trv::vm {

using contract::ExitReason;

/// Counted per vCPU; only its own CPU writes.
struct ExitStatistics {
    std::array<u64, contract::counted_exit_reasons> counts{};

    void count(ExitReason reason) { ++counts[static_cast<unsigned>(reason)]; }
};

} // namespace trv::vm

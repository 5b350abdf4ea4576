// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/uuid.hpp"

#include <optional>
#include <vector>

namespace trv::tool::machine {

/// A VM's policy and limits for OP-TEE. The hypervisor chooses numbers that are not given.
struct TeeDescription {
    std::vector<Uuid> allow{};
    std::vector<Uuid> deny{};
    bool deny_others = false; // trusted applications in neither list
    std::optional<unsigned> max_sessions{};
    std::optional<unsigned> pinned_pages{}; // shared memory, 4 KiB each
    std::optional<unsigned> buffers{};      // registered with OP-TEE
    std::optional<unsigned> calls{};        // in flight
    std::optional<unsigned> mapped_pages{}; // that OP-TEE's core maps
};

} // namespace trv::tool::machine

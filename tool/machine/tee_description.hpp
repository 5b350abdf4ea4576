#pragma once

#include "tool/machine/uuid.hpp"

#include <optional>
#include <vector>

namespace trv::tool::machine {

/// What a VM may do with its OP-TEE. A number that is not given is the hypervisor's to choose.
struct TeeDescription {
    std::vector<Uuid> allow{};
    std::vector<Uuid> deny{};
    bool deny_others = false; // trusted applications in neither list
    std::optional<unsigned> max_sessions{};
    std::optional<unsigned> pinned_pages{}; // shared memory, 4 KiB each
    std::optional<unsigned> buffers{};      // registered with OP-TEE
    std::optional<unsigned> calls{};        // in flight
    std::optional<unsigned> mapped_pages{}; // that OP-TEE's core maps at one time
};

} // namespace trv::tool::machine

// SPDX-License-Identifier: Apache-2.0
#include "host/devices/backend_plan.hpp"

#include "contract/virtio.hpp"

#include <algorithm>
#include <bit>

namespace trv::host::devices {

std::uint64_t bank_size(std::span<const BackendPlan> plans) {
    std::uint64_t requests = 0;
    for (const auto& plan : plans) {
        requests += plan.memory;
    }
    // Linux' pool for bounce buffers is 64 MiB or the half of it, and so on; rings and the like need some more.
    constexpr std::uint64_t mib = 1024 * 1024;
    constexpr std::uint64_t least_pool = 16 * mib;
    constexpr std::uint64_t beside_pool = 2 * mib;
    return std::min(std::max(std::bit_ceil(requests), least_pool) + beside_pool, contract::virtio::largest_bank);
}

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#include "host/devices/backend/backend_plan.hpp"

#include "contract/virtio.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace trv::host::devices {

namespace {

constexpr std::uint64_t mib = 1024 * 1024;

/// Linux' pool for bounce buffers is 64 MiB or the half of it, and so on.
constexpr std::uint64_t least_pool = 16 * mib;
constexpr std::uint64_t most_pool = 32 * mib;
constexpr std::uint64_t beside_pool = 2 * mib; ///< rings and the like
static_assert(most_pool + beside_pool <= contract::virtio::largest_bank);

} // namespace

std::string this_program() {
    std::error_code problem;
    return std::filesystem::canonical("/proc/self/exe", problem);
}

std::function<std::vector<std::string>()> always(std::vector<std::string> arguments) {
    return [arguments = std::move(arguments)] { return arguments; };
}

std::uint64_t memory_of(std::span<const BackendPlan> plans) {
    std::uint64_t requests = 0;
    for (const auto& plan : plans) {
        requests += plan.memory;
    }
    return requests;
}

std::uint64_t largest_pool(std::uint64_t memory) {
    constexpr std::uint64_t share = 16;
    return std::clamp(std::bit_floor(memory / share), least_pool, most_pool);
}

std::uint64_t bank_size(std::span<const BackendPlan> plans) {
    return std::max(std::bit_ceil(memory_of(plans)), least_pool) + beside_pool;
}

} // namespace trv::host::devices

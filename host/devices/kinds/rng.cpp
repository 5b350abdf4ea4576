// SPDX-License-Identifier: Apache-2.0
#include "host/devices/kinds/rng.hpp"

namespace trv::host::devices {

namespace {

/// [virtio 1.3, 5.4]
constexpr std::uint32_t entropy_device = 4;
constexpr std::uint16_t queue_size = 8; // Linux has one request at a time
constexpr std::uint64_t request_memory = 4096;

} // namespace

BackendPlan plan_rng(const Household& household) {
    const std::string name = "rng";
    const auto socket = household.folder / (name + ".sock");
    return {
        .name = name,
        .serves = "random numbers",
        .program = this_program(),
        .arguments = always({"backend", "rng", socket}),
        .socket = socket,
        .rights = {"PrivateNetwork=yes", "ProcSubset=pid", "RestrictAddressFamilies=AF_UNIX", "RestrictNamespaces=yes",
                   "SystemCallFilter=@system-service"},
        .device = entropy_device,
        .queue_size = queue_size,
        .memory = queue_size * request_memory,
    };
}

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#include "host/devices/kinds/vsock.hpp"

#include <fmt/format.h>

#include <cstring>

namespace trv::host::devices {

namespace {

/// [virtio 1.3, 5.10]
constexpr std::uint32_t socket_device = 19;
constexpr std::uint64_t event_index = std::uint64_t{1} << 29;
constexpr unsigned queues = 3; // receives, sends, events, of which there are none
constexpr std::uint16_t queue_size = 32;
/// Linux fills the first queue with buffers of a page. A packet that it sends has at most 64 KiB, and takes two entries.
constexpr std::uint64_t receive_memory = queue_size * 4096;
constexpr std::uint64_t packet_memory = 68 * 1024;

} // namespace

BackendPlan plan_vsock(unsigned cid, const Household& household) {
    const std::string name = "vsock";
    const auto socket = household.folder / (name + ".sock");
    const auto address = std::to_string(cid);
    return {
        .name = name,
        .serves = "CID " + address,
        .program = this_program(),
        .arguments = always({"backend", "vsock", address, socket}),
        .socket = socket,
        .rights = {"PrivateNetwork=no", "DeviceAllow=/dev/vhost-vsock rw", "SupplementaryGroups=kvm", "ProcSubset=pid",
                   "RestrictAddressFamilies=AF_UNIX", "RestrictNamespaces=yes", "SystemCallFilter=@system-service"},
        .device = socket_device,
        .features = event_index,
        .queues = queues,
        .queue_size = queue_size,
        .config_size = sizeof(std::uint64_t),
        .memory = receive_memory + queue_size / 2 * packet_memory,
        .adapt =
            [cid](std::string& config) {
                const std::uint64_t number = cid;
                std::memcpy(config.data(), &number, sizeof number);
            },
    };
}

} // namespace trv::host::devices

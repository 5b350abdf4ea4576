// SPDX-License-Identifier: Apache-2.0
// A driver of the disk in slot 0 that does everything it must not, from two vCPUs. What is on that disk is lost.

#include "guests/bare/lib/payload.hpp"
#include "guests/bare/lib/report.hpp"
#include "guests/bare/virtio/bank.hpp"
#include "guests/bare/virtio/disk.hpp"
#include "guests/bare/virtio/groups.hpp"

namespace trv::bare {
namespace {

/// Runs a group in a VM that has the bank and the disk.
template <void (*group)(std::string_view)>
void with_disk(std::string_view arguments) {
    static constinit bool mapped = false;
    constexpr u32 block_device = 2;
    mapped = mapped || virtio::map_bank();
    if (!mapped || virtio::disk.device().read(virtio::reg::device_id) != block_device) {
        fail_because("a disk", "this VM has none");
        return;
    }
    group(arguments);
}

constexpr Command groups[] = {
    {"honest", with_disk<virtio::honest>},       {"order", with_disk<virtio::order_of_steps>},
    {"registers", with_disk<virtio::registers>}, {"outside", with_disk<virtio::outside>},
    {"chains", with_disk<virtio::chains>},       {"requests", with_disk<virtio::requests>},
    {"resets", with_disk<virtio::resets>},       {"races", with_disk<virtio::races>},
    {"kicks", with_disk<virtio::kicks>},
};

} // namespace

constinit const Payload payload{.name = "virtio", .suite = groups, .others = {}};

} // namespace trv::bare

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/queue_worker.hpp"

namespace trv::host::vhost {

/// Reports to the driver of a socket device that all connections are gone, by the first buffer of its queue for events. Does
/// nothing if the driver has no buffer there.
/// @return an error if the driver's buffer is not one: nothing was written then
/// Source: [virtio 1.3, 5.10.6.7], VIRTIO_VSOCK_EVENT_TRANSPORT_RESET.
[[nodiscard]] Result<void> report_lost_connections(const WorkedMemory& memory, const WorkedQueue& queue);

} // namespace trv::host::vhost

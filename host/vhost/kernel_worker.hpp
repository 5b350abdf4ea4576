// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/queue_worker.hpp"

#include <memory>
#include <string>

namespace trv::host::vhost {

/// A network card whose other end is a tap device: the host's kernel works on its queues (vhost-net).
/// @param tap  a descriptor of the tap device, which outlives the result
[[nodiscard]] Result<std::unique_ptr<QueueWorker>> make_kernel_net(int tap);

/// The VM's end of sockets between it and the host: the host's kernel works on its queues (vhost-vsock).
/// @param cid  the VM's address; an error if another VM has it
[[nodiscard]] Result<std::unique_ptr<QueueWorker>> make_kernel_vsock(std::uint64_t cid);

} // namespace trv::host::vhost

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/queue_worker.hpp"

#include <memory>

namespace trv::host::vhost {

/// An entropy device: a thread fills its driver's buffers with the host's kernel's random numbers.
[[nodiscard]] Result<std::unique_ptr<QueueWorker>> make_random_worker();

} // namespace trv::host::vhost

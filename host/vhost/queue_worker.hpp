// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstdint>
#include <span>

namespace trv::host::vhost {

using tool::Result;

/// The memory that a driver and its device share, in this process.
struct WorkedMemory {
    std::uint64_t guest_address = 0;
    std::span<char> bytes{};
};

/// A virtqueue; the addresses are this process's.
struct WorkedQueue {
    std::uint16_t size = 0;
    std::uint16_t next = 0; ///< the first available one that is to be taken
    char* descriptors = nullptr;
    char* available = nullptr;
    char* used = nullptr;
    int kick = -1; ///< eventfds
    int call = -1;
};

/// What works on the queues of one device, until its end.
class QueueWorker {
  public:
    QueueWorker() = default;
    QueueWorker(const QueueWorker&) = delete;
    QueueWorker& operator=(const QueueWorker&) = delete;
    virtual ~QueueWorker() = default;

    /// Those of virtio's that it has.
    [[nodiscard]] virtual Result<std::uint64_t> features() = 0;
    /// How many of the device's queues it serves, from the first on.
    [[nodiscard]] virtual unsigned queues() const = 0;
    /// @param features  what the driver has accepted of them
    [[nodiscard]] virtual Result<void> begin(std::uint64_t features, const WorkedMemory& memory) = 0;
    /// After begin().
    [[nodiscard]] virtual Result<void> start_queue(unsigned index, const WorkedQueue& queue) = 0;
};

} // namespace trv::host::vhost

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/vhost/queue_worker.hpp"

#include <cstddef>
#include <functional>

namespace trv::host::vhost {

/// The queue of an entropy device: its driver's requests are buffers that are to be filled with random bytes. Rings, descriptors
/// and buffers are the driver's, which may change all of it at any time: each value is fetched once and checked then.
/// Source: [virtio 1.3, 2.7], split virtqueues; [virtio 1.3, 5.4].
class RandomQueue {
  public:
    /// Fills a part of the memory. @return how many of its bytes, from the first on; 0 or less: an error, with errno
    using Fill = std::function<ssize_t(std::span<char>)>;

    /// @param queue  of `memory`, within its bounds; both outlive the result
    /// @return an error if a part of the queue is not aligned [virtio 1.3, 2.7]
    [[nodiscard]] static Result<RandomQueue> create(const WorkedMemory& memory, const WorkedQueue& queue, Fill fill);

    /// Fulfils the requests that are there now, at most as many as the queue has entries; for later ones the driver kicks again.
    /// @return how many; an error if the driver broke a rule: what comes after is not to be looked at
    [[nodiscard]] Result<unsigned> serve();

    /// A request gets at most as many bytes, of a buffer of any size [virtio 1.3, 5.4.6.2].
    static constexpr std::size_t most_bytes = 4096;

  private:
    struct Descriptor {
        std::uint64_t address;
        std::uint32_t length;
        std::uint16_t flags;
        std::uint16_t next;
    };

    RandomQueue(const WorkedMemory& memory, const WorkedQueue& queue, Fill fill)
        : memory_{memory}, queue_{queue}, fill_{std::move(fill)}, next_{queue.next} {}

    [[nodiscard]] Descriptor fetch(std::uint16_t index) const;
    [[nodiscard]] Result<std::span<char>> buffer_of(const Descriptor& descriptor) const;
    [[nodiscard]] Result<std::uint32_t> fulfil(std::uint16_t head) const;
    void complete(std::uint16_t head, std::uint32_t written);

    WorkedMemory memory_;
    WorkedQueue queue_;
    Fill fill_;
    std::uint16_t next_; ///< the first available one that has not been taken; all before it are used, in order
};

} // namespace trv::host::vhost

// SPDX-License-Identifier: Apache-2.0
// This process and the driver have the same byte order: both are arm64 Linux's.
#include "host/vhost/random_queue.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace trv::host::vhost {

namespace {

constexpr std::uint16_t has_next = 1;      // VIRTQ_DESC_F_NEXT
constexpr std::uint16_t device_writes = 2; // VIRTQ_DESC_F_WRITE
constexpr std::size_t index_at = 2;        // in both rings
constexpr std::size_t entries_at = 4;
constexpr std::size_t descriptor_size = 16;
constexpr std::size_t used_size = 8;

/// The driver, on another CPU, reads and writes these words at the same time.
template <typename Word>
std::atomic_ref<Word> word(char* at) {
    return std::atomic_ref{*reinterpret_cast<Word*>(at)};
}

bool aligned(const char* part, std::size_t to) {
    return reinterpret_cast<std::uintptr_t>(part) % to == 0;
}

std::unexpected<tool::Error> wrong(const char* what) {
    return tool::failure("rng", what);
}

} // namespace

Result<RandomQueue> RandomQueue::create(const WorkedMemory& memory, const WorkedQueue& queue, Fill fill) {
    if (!aligned(queue.descriptors, descriptor_size) || !aligned(queue.available, sizeof(std::uint16_t)) ||
        !aligned(queue.used, sizeof(std::uint32_t))) {
        return wrong("the driver's queue is not aligned");
    }
    return RandomQueue{memory, queue, std::move(fill)};
}

RandomQueue::Descriptor RandomQueue::fetch(std::uint16_t index) const {
    char* const at = queue_.descriptors + index * descriptor_size;
    const std::uint64_t rest = word<std::uint64_t>(at + 8).load(std::memory_order_relaxed);
    return {.address = word<std::uint64_t>(at).load(std::memory_order_relaxed),
            .length = static_cast<std::uint32_t>(rest),
            .flags = static_cast<std::uint16_t>(rest >> 32),
            .next = static_cast<std::uint16_t>(rest >> 48)};
}

/// Only buffers that the device may write, as drivers have no other word for this device.
Result<std::span<char>> RandomQueue::buffer_of(const Descriptor& descriptor) const {
    const std::uint64_t offset = descriptor.address - memory_.guest_address;
    const std::uint64_t size = memory_.bytes.size();
    if ((descriptor.flags & ~has_next) != device_writes) {
        return wrong("a buffer of the driver's is not one to write to");
    }
    if (descriptor.address < memory_.guest_address || offset > size || descriptor.length > size - offset) {
        return wrong("a buffer of the driver's is not in the VM's memory for devices");
    }
    return memory_.bytes.subspan(offset, descriptor.length);
}

/// Follows a chain, which has no more descriptors than the queue: a longer one has a loop.
Result<std::uint32_t> RandomQueue::fulfil(std::uint16_t head) const {
    std::size_t written = 0;
    std::uint16_t index = head;
    for (unsigned links = 0; links < queue_.size; ++links) {
        if (index >= queue_.size) {
            return wrong("the driver names a descriptor that the queue does not have");
        }
        const Descriptor descriptor = fetch(index);
        auto buffer = TRY(buffer_of(descriptor));
        buffer = buffer.first(std::min(buffer.size(), most_bytes - written));
        while (!buffer.empty()) {
            const ssize_t filled = fill_(buffer);
            if (filled <= 0) {
                return tool::system_failure("rng", "the host's kernel gives no random numbers");
            }
            written += static_cast<std::size_t>(filled);
            buffer = buffer.subspan(static_cast<std::size_t>(filled));
        }
        if (written == most_bytes || (descriptor.flags & has_next) == 0) {
            return written > 0 ? Result<std::uint32_t>{static_cast<std::uint32_t>(written)}
                               : wrong("a request of the driver's has no room");
        }
        index = descriptor.next;
    }
    return wrong("a chain of the driver's has no end");
}

void RandomQueue::complete(std::uint16_t head, std::uint32_t written) {
    char* const entry = queue_.used + entries_at + next_ % queue_.size * used_size;
    word<std::uint32_t>(entry).store(head, std::memory_order_relaxed);
    word<std::uint32_t>(entry + 4).store(written, std::memory_order_relaxed);
    ++next_;
    // Pairs with the driver's barrier between the index and the entry.
    word<std::uint16_t>(queue_.used + index_at).store(next_, std::memory_order_release);
}

Result<unsigned> RandomQueue::serve() {
    // Pairs with the driver's barrier between the entry and the index.
    const std::uint16_t end = word<std::uint16_t>(queue_.available + index_at).load(std::memory_order_acquire);
    const auto count = static_cast<std::uint16_t>(end - next_);
    if (count > queue_.size) {
        return wrong("the driver has made more requests than the queue has entries");
    }
    for (unsigned request = 0; request < count; ++request) {
        char* const entry = queue_.available + entries_at + next_ % queue_.size * sizeof(std::uint16_t);
        const std::uint16_t head = word<std::uint16_t>(entry).load(std::memory_order_relaxed);
        complete(head, TRY(fulfil(head)));
    }
    return count;
}

} // namespace trv::host::vhost

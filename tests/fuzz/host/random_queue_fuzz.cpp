// SPDX-License-Identifier: Apache-2.0
// What a VM's driver writes into the rings of an entropy device: the input is the beginning of the memory, with the queue in it.
// Each time the device asks for random bytes, the memory changes as a second vCPU might change it: the queue's part becomes the
// next part of the input. Oracles: bytes are only asked for inside the memory, at most a page per request and a queue of requests
// each time, and used indices count what was fulfilled.
#include "host/vhost/random_queue.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace {

using namespace trv::host::vhost;

constexpr std::size_t memory_size = 16 * 1024;
constexpr std::uint16_t queue_size = 8;
constexpr std::size_t available_at = 16 * queue_size;
constexpr std::size_t used_at = available_at + 32;
constexpr std::size_t rings_size = used_at; // what the driver writes
constexpr std::uint64_t guest_address = 0x4000'0000;

void expect(bool holds) {
    if (!holds) {
        __builtin_trap();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Of its own allocation, so that the address sanitizer sees what lies beyond.
    struct alignas(16) Memory {
        std::array<char, memory_size> bytes{};
    };
    const auto memory = std::make_unique<Memory>();
    char* const bytes = memory->bytes.data();
    const auto change = [&] {
        const std::size_t part = std::min(size, rings_size);
        if (part != 0) { // null otherwise
            std::memcpy(bytes, data, part);
        }
        data += part;
        size -= part;
    };
    std::size_t asked = 0;
    auto queue = RandomQueue::create(
        {.guest_address = guest_address, .bytes = memory->bytes},
        {.size = queue_size, .descriptors = bytes, .available = bytes + available_at, .used = bytes + used_at},
        [&](std::span<char> to) {
            expect(!to.empty() && to.size() <= RandomQueue::most_bytes);
            expect(to.data() >= bytes && to.data() + to.size() <= bytes + memory_size);
            const std::size_t some = (to.size() + 1) / 2;
            std::memset(to.data(), 0x5a, some);
            asked += some;
            change();
            return static_cast<ssize_t>(some);
        });
    expect(queue.has_value());
    while (size > 0) {
        change();
        asked = 0;
        const auto served = queue->serve();
        expect(asked <= queue_size * RandomQueue::most_bytes);
        if (!served) {
            break;
        }
        expect(*served <= queue_size && (*served == 0) == (asked == 0));
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "trace/ring.hpp"

#include <array>
#include <bit>

namespace trv::trace {

Result<void> Ring::create(u64 bytes) {
    if (bytes < sizeof(Record)) {
        return fail(Error::OutOfRange);
    }
    const u64 capacity = std::bit_floor(bytes / sizeof(Record));
    slots_ = TRY(HeapArray<std::atomic<u64>>::create(capacity * words));
    capacity_ = capacity;
    return {};
}

void Ring::write(const Record& record) {
    const u64 head = head_.load(std::memory_order_relaxed);
    // Pairs with the fence in read(): a reader that sees any part of the new record also sees the head that gave up the
    // old one.
    std::atomic_thread_fence(std::memory_order_release);
    const auto raw = std::bit_cast<std::array<u64, words>>(record);
    std::atomic<u64>* const to = slot(head);
    for (unsigned i = 0; i < words; ++i) {
        to[i].store(raw[i], std::memory_order_relaxed);
    }
    // Pairs with the acquire in written(): a reader that sees the number sees the whole record.
    head_.store(head + 1, std::memory_order_release);
}

bool Ring::read(u64 number, Record& record) {
    std::array<u64, words> raw;
    const std::atomic<u64>* const from = slot(number);
    for (unsigned i = 0; i < words; ++i) {
        raw[i] = from[i].load(std::memory_order_relaxed);
    }
    std::atomic_thread_fence(std::memory_order_acquire);
    record = std::bit_cast<Record>(raw);
    return head_.load(std::memory_order_relaxed) - number < capacity_;
}

} // namespace trv::trace

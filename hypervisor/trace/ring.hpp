// SPDX-License-Identifier: Apache-2.0
#pragma once
// A ring of one CPU's last records. Only that CPU writes, without a lock and without waiting. One other CPU may read
// meanwhile, and detects records that are overwritten while it reads.

#include "contract/trace_record.hpp"
#include "lib/heap_array.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv::trace {

using namespace contract::trace; // Record, its kinds, and what goes on the wire

class Ring {
  public:
    constexpr Ring() = default;

    /// Allocates memory for `bytes` bytes of records; capacity() is their number, rounded down to a power of two.
    /// @param bytes at least a record's size
    /// @return Error::OutOfRange, Error::NoMemory
    /// Context: once, before the first write().
    [[nodiscard]] Result<void> create(u64 bytes);

    [[nodiscard]] u64 capacity() const { return capacity_; }

    /// Writes a record, over the oldest one if the ring is full. Owner only.
    void write(const Record& record);

    /// The number of records written; they are numbered from 0.
    [[nodiscard]] u64 written() const { return head_.load(std::memory_order_acquire); }
    /// The number of the oldest record that can still be read.
    [[nodiscard]] u64 oldest() const {
        // The next record's slot may be partly overwritten at any time.
        const u64 head = written();
        return head < capacity_ ? 0 : head - capacity_ + 1;
    }
    /// @param number below written()
    /// @return false if it was overwritten
    [[nodiscard]] bool read(u64 number, Record& record);

  private:
    static constexpr unsigned words = sizeof(Record) / sizeof(u64);

    [[nodiscard]] std::atomic<u64>* slot(u64 number) { return slots_.begin() + (number & (capacity_ - 1)) * words; }

    HeapArray<std::atomic<u64>> slots_;
    u64 capacity_ = 0; ///< records; a power of two
    std::atomic<u64> head_ = 0;
};

} // namespace trv::trace

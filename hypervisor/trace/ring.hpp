#pragma once
// The last so many records of one CPU. Only that CPU writes, without a lock and without ever waiting; any one other may
// read meanwhile, and finds out what was overwritten under its hands.

#include "lib/heap_array.hpp"
#include "lib/types.hpp"
#include "trace/record.hpp"

#include <atomic>

namespace trv::trace {

class Ring {
  public:
    constexpr Ring() = default;

    /// Takes memory for so many bytes of records; what that is, rounded down to a power of two, is capacity().
    /// @param bytes at least a record's size
    /// @return Error::OutOfRange, Error::NoMemory
    /// Context: once, before the first write().
    [[nodiscard]] Result<void> create(u64 bytes);

    [[nodiscard]] u64 capacity() const { return capacity_; }

    /// The owner only. Overwrites the oldest record if there is no room.
    void write(const Record& record);

    /// How many records were written; they are numbered from 0.
    [[nodiscard]] u64 written() const { return head_.load(std::memory_order_acquire); }
    /// The number of the oldest that can still be read.
    [[nodiscard]] u64 oldest() const {
        // The slot of the one that is written next may be half overwritten at any time.
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

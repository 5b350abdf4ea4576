// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/heap_array.hpp"
#include "lib/types.hpp"

#include <bit>
#include <optional>

namespace trv::tee::optee {

/// Maps a key chosen by a guest or OP-TEE to the index of a record: open addressing, linear probing, at most half full,
/// so that no choice of keys makes it fail; a bad choice only slows down the VM's own look-ups, within its quota.
/// Callers serialise.
class IndexTable {
  public:
    IndexTable() = default;

    /// @param records its capacity
    [[nodiscard]] static Result<IndexTable> create(u32 records) {
        IndexTable table;
        table.entries_ = TRY(HeapArray<Entry>::create(std::bit_ceil(std::size_t{records} * 2 + 2)));
        return table;
    }

    [[nodiscard]] std::optional<u32> find(u64 key) const {
        const Entry& entry = entries_[place_of(key)];
        return entry.used ? std::optional(entry.index) : std::nullopt;
    }

    /// Precondition: the key is not in the table, which has fewer than `records` keys.
    void insert(u64 key, u32 index) {
        entries_[place_of(key)] = {key, index, true};
        ++size_;
        ASSERT(size_ <= entries_.size() / 2);
    }

    /// @return false if the key was not in the table
    bool remove(u64 key);
    void clear();
    /// Visits all entries in arbitrary order. The visitor must not change the table.
    template <typename Visitor>
    void for_each(const Visitor& visit) const {
        for (const Entry& entry : entries_) {
            if (entry.used) {
                visit(entry.key, entry.index);
            }
        }
    }
    [[nodiscard]] u32 size() const { return size_; }

  private:
    struct Entry {
        u64 key = 0;
        u32 index = 0;
        bool used = false;
    };

    [[nodiscard]] std::size_t mask() const { return entries_.size() - 1; }
    /// Fibonacci hashing: cookies are kernel pointers with equal low bits.
    [[nodiscard]] std::size_t home_of(u64 key) const {
        return static_cast<std::size_t>((key * 0x9e37'79b9'7f4a'7c15) >> 32) & mask();
    }
    /// The entry with the key, or the free entry for it.
    [[nodiscard]] std::size_t place_of(u64 key) const {
        std::size_t at = home_of(key);
        while (entries_[at].used && entries_[at].key != key) {
            at = (at + 1) & mask();
        }
        return at;
    }

    HeapArray<Entry> entries_;
    u32 size_ = 0;
};

} // namespace trv::tee::optee

// SPDX-License-Identifier: Apache-2.0
#pragma once
// All CPUs' rings as one stream of bytes: chunks of records, each with a header, then a header that ends the dump. No
// record is sent twice, so that a trace can be fetched piece by piece while it continues.

#include "lib/limits.hpp"
#include "trace/ring.hpp"

#include <array>
#include <span>

namespace trv::trace {

class Stream {
  public:
    /// The most bytes that fill() writes.
    static constexpr std::size_t chunk_bytes = 1024;
    static constexpr unsigned chunk_records = (chunk_bytes - sizeof(ChunkHeader)) / sizeof(Record);

    /// @param ring null for a CPU without a ring. Context: before anything is read.
    void set_ring(unsigned cpu, Ring* ring) { sources_[cpu].ring = ring; }

    /// Begins a dump of all records written so far.
    void begin();
    /// Whether fill() has something to send.
    [[nodiscard]] bool is_under_way() const { return under_way_; }
    /// Writes the next chunk.
    /// @return its bytes; none once the dump is complete
    [[nodiscard]] std::size_t fill(std::span<u8, chunk_bytes> out);

    /// Records that were overwritten before they were read, of all CPUs.
    [[nodiscard]] u64 lost() const;

  private:
    struct Source {
        Ring* ring = nullptr;
        u64 next = 0;  ///< number of the record that is read next
        u64 until = 0; ///< where this dump ends
        u64 lost = 0;
    };

    [[nodiscard]] std::size_t fill_from(unsigned cpu, std::span<u8, chunk_bytes> out);

    std::array<Source, max_cpus> sources_{};
    unsigned cpu_ = max_cpus; ///< whose turn it is
    bool under_way_ = false;
};

} // namespace trv::trace

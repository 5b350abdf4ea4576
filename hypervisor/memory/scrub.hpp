#pragma once
// Zeroing memory so that nothing of its former use can be read, by whatever path: zeros reach the point of coherency,
// where a guest that has its caches off reads too.

#include "lib/types.hpp"

namespace trv::memory {

/// @param range whole pages of RAM
/// Context: any; cost grows with the size.
void scrub(PaRange range);

/// The same for large memory, a slice at a time; for a VM that starts anew in the memory it has.
class Scrubber {
  public:
    /// @param range whole pages that no vCPU and no device uses until done
    explicit constexpr Scrubber(PaRange range) : rest_(range) {}

    /// @param max_bytes rounded down to pages, at least one
    /// @return true when all is zero
    [[nodiscard]] bool step(u64 max_bytes);

    [[nodiscard]] constexpr u64 bytes_left() const { return rest_.size; }

  private:
    PaRange rest_;
};

} // namespace trv::memory

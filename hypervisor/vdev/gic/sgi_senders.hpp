// SPDX-License-Identifier: Apache-2.0
#pragma once
// Of a GICv2, an SGI is pending once for each vCPU that sent it, and its acknowledgement names the sender [GICv2 4.3.13,
// 4.4.4]. A list register holds one of them at a time; the others follow when the guest has completed it.

#include "lib/intid.hpp"

#include <array>
#include <bit>

namespace trv::vdev {

/// Those of one vCPU's SGIs. While an SGI is not listed, its bit in InterruptBank::latch says whether any() is true.
class SgiSenders {
  public:
    static constexpr unsigned sgis = 16;

    /// @param senders  vCPUs, one bit each
    void add(IntId sgi, u8 senders) { waiting_[index_of(sgi)] |= senders; }
    void remove(IntId sgi, u8 senders) { waiting_[index_of(sgi)] &= static_cast<u8>(~senders); }
    [[nodiscard]] u8 waiting(IntId sgi) const { return waiting_[index_of(sgi)]; }

    /// The first of those that wait goes into a list register. @return whether others wait. Precondition: one waits.
    bool list(IntId sgi) {
        u8& waiting = waiting_[index_of(sgi)];
        listed_[index_of(sgi)] = static_cast<u8>(std::countr_zero(waiting) & 7);
        waiting &= static_cast<u8>(waiting - 1);
        return waiting != 0;
    }
    /// It was not acknowledged.
    void unlist(IntId sgi) { add(sgi, static_cast<u8>(1U << listed_[index_of(sgi)])); }
    /// The sender of the one that was last listed: while it is active, the list register names it.
    [[nodiscard]] u8 listed(IntId sgi) const { return listed_[index_of(sgi)]; }

  private:
    [[nodiscard]] static constexpr unsigned index_of(IntId sgi) { return sgi.value % sgis; }

    std::array<u8, sgis> waiting_{};
    std::array<u8, sgis> listed_{};
};

} // namespace trv::vdev

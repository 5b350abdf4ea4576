// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who handles each of the machine's interrupts: every INTID has at most one owner.

#include "lib/heap_array.hpp"
#include "lib/intid.hpp"
#include "lib/result.hpp"
#include "lib/types.hpp"

namespace trv::irq {

/// When the physical interrupt is completed [GICv3 4.1.3: priority drop and interrupt deactivation are split at EL2].
enum class Completion : u8 {
    After,   ///< once it was handled: for levels that the handler lowers
    Before,  ///< first, so that an edge that arrives meanwhile makes it pending again
    ByGuest, ///< it stays active until a guest deactivates it through its list register, or the handler does
};

struct Owner {
    /// Context: the CPU that acknowledged it, at EL2, interrupts masked.
    using Handler = void (*)(void* context, IntId intid);

    Handler handler = nullptr;
    void* context = nullptr;
    Completion completion = Completion::After;
};

class Table {
  public:
    /// @param unclaimed handles interrupts without owner
    explicit constexpr Table(Owner::Handler unclaimed) : unclaimed_{.handler = unclaimed} {}
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    /// @param interrupts INTIDs that the interrupt controller has, private ones included; of those each CPU has its own
    /// @return Error::NoMemory
    /// Context: boot CPU, before anything is claimed.
    [[nodiscard]] Result<void> create(u32 interrupts);

    /// Gives the interrupt an owner. Context: the interrupt is disabled wherever it could be taken.
    /// @return Error::OutOfRange if the machine has no such interrupt, Error::Busy if it has an owner
    [[nodiscard]] Result<void> claim(IntId intid, const Owner& owner);

    /// From any CPU.
    [[nodiscard]] const Owner& owner_of(IntId intid) const {
        return intid.value < owners_.size() ? owners_[intid.value] : unclaimed_;
    }

  private:
    Owner unclaimed_;
    HeapArray<Owner> owners_;
};

} // namespace trv::irq

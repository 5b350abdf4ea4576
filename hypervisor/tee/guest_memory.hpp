// SPDX-License-Identifier: Apache-2.0
#pragma once
// The mediator's interface to a VM's memory.

#include "memory/physical/frame_table.hpp"
#include "memory/translation/stage2.hpp"

namespace trv::tee {

/// The VM implements it. All functions may be called from several CPUs at once.
class GuestMemory {
  public:
    /// Looks up an address of the guest's memory, and populates it if necessary.
    /// @param ipa any value
    /// @return an error if the VM has no memory there
    [[nodiscard]] virtual Result<memory::Stage2::Leaf> memory_at(Ipa ipa) = 0;
    /// The owner of the VM's frames.
    [[nodiscard]] virtual memory::FrameOwner owner() const = 0;
    /// The table in which they are pinned.
    [[nodiscard]] virtual memory::FrameTable& frames() = 0;

  protected:
    ~GuestMemory() = default;
};

} // namespace trv::tee

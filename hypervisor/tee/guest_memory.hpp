#pragma once
// What the mediator needs from a VM's memory.

#include "memory/frame_table.hpp"
#include "memory/stage2.hpp"

namespace trv::tee {

/// The VM implements it. All functions may be called from several CPUs at once.
class GuestMemory {
  public:
    /// What is behind an address of the guest's memory, which is populated if need be.
    /// @param ipa any value
    /// @return an error where the VM has no memory
    [[nodiscard]] virtual Result<memory::Stage2::Leaf> memory_at(Ipa ipa) = 0;
    /// Whom the VM's frames belong to.
    [[nodiscard]] virtual memory::FrameOwner owner() const = 0;
    /// Where they are pinned.
    [[nodiscard]] virtual memory::FrameTable& frames() = 0;

  protected:
    ~GuestMemory() = default;
};

} // namespace trv::tee

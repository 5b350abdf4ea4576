// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's guest-physical address space and what is mapped in it.

#include "guest/ram.hpp"
#include "memory/translation/stage2.hpp"
#include "tee/guest_memory.hpp"

namespace trv::vm {

class VmMemory final : public tee::GuestMemory {
  public:
    VmMemory(memory::FrameTable& frames, memory::Stage2 stage2) : frames_(frames), stage2_(std::move(stage2)) {}

    [[nodiscard]] memory::Stage2& stage2() { return stage2_; }
    [[nodiscard]] guest::Ram& ram() { return ram_; }
    [[nodiscard]] const guest::Ram& ram() const { return ram_; }

    /// Looks up an address of the guest's memory, and populates it if necessary.
    /// @return Error::OutOfRange where the VM has no memory, Error::NoMemory
    /// Context: waits while another vCPU populates the very granule: some hundred microseconds.
    Result<memory::Stage2::Leaf> memory_at(Ipa ipa) override;
    /// The same without waiting. @return Error::Busy, too: the guest may try again
    Result<memory::Stage2::Leaf> try_memory_at(Ipa ipa);
    [[nodiscard]] memory::FrameOwner owner() const override { return stage2_.owner(); }
    [[nodiscard]] memory::FrameTable& frames() override { return frames_; }

  private:
    memory::FrameTable& frames_;
    memory::Stage2 stage2_;
    guest::Ram ram_;
};

} // namespace trv::vm

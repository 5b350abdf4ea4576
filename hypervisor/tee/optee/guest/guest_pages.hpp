// SPDX-License-Identifier: Apache-2.0
#pragma once
// Translates a guest's address to a pinned frame: ordinary memory of the VM that the guest itself may write.

#include "memory/pin.hpp"
#include "tee/guest_memory.hpp"

#include <array>

namespace trv::tee::optee {

/// Translates and pins a series of pages, which may lie anywhere in a few stage-2 leaves; each is looked up once.
///
/// A look-up may be stale. So pages are pinned as the leaf says, and confirm() repeats the look-up: if the leaf is
/// unchanged, the frames were the guest's at these addresses when they were pinned, and stay so.
class PagePinner {
  public:
    explicit PagePinner(GuestMemory& memory) : memory_(memory) {}

    /// Pins consecutive pages, up to the end of their leaf. The caller owns one pin on each frame from here on, even if
    /// confirm() fails later.
    /// @param first page-aligned; @param most at least 1
    /// @return the frames; none if they lie in a leaf more than one series may have. Nothing is pinned on Error::Denied
    ///         (read-only, or a device), Error::NotOwned, Error::TooMany (pins on one frame), Error::Misaligned, or
    ///         what GuestMemory says
    [[nodiscard]] Result<memory::FrameRun> pin(Ipa first, u32 most);

    /// Call this once after the last pin() of a series.
    /// @return Error::NotMapped if a mapping changed meanwhile: no pinned page may be relied on
    [[nodiscard]] Result<void> confirm();

  private:
    /// Bounds the time of a series: each may be untouched memory, of 2 MiB as a VM's memory is mapped, which is zeroed
    /// first.
    static constexpr u32 most_leaves = 4;

    struct Block {
        Ipa ipa;
        Pa pa;
        u64 size = 0;
    };
    [[nodiscard]] const Block* find(Ipa page) const;
    [[nodiscard]] Result<const Block*> look_up(Ipa page);

    GuestMemory& memory_;
    std::array<Block, most_leaves> blocks_;
    u32 count_ = 0;
};

/// Pins and confirms one page.
[[nodiscard]] Result<memory::Pin> pin_page(GuestMemory& memory, Ipa page);

} // namespace trv::tee::optee

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Translates a guest's address to a pinned frame: ordinary memory of the VM that the guest itself may write.

#include "memory/pin.hpp"
#include "tee/guest_memory.hpp"

#include <optional>

namespace trv::tee::optee {

/// Translates and pins pages one after the other; pages of the same stage-2 leaf share one look-up.
///
/// A look-up may be stale. So pages are pinned as the leaf says, and confirm() repeats the look-up: if the leaf is
/// unchanged, the frames were the guest's at these addresses when they were pinned, and stay so.
class PagePinner {
  public:
    explicit PagePinner(GuestMemory& memory) : memory_(memory) {}

    /// The caller owns one pin on the frame from here on, even if confirm() fails later.
    /// @param page page-aligned
    /// @return nothing is pinned on Error::Denied (read-only, or a device), Error::NotOwned, Error::TooMany (pins on
    /// one
    ///         frame), Error::Misaligned, or what GuestMemory says
    [[nodiscard]] Result<Pa> pin(Ipa page);

    /// Call this once after the last pin() of a series.
    /// @return Error::NotMapped if the mapping changed meanwhile: no pinned page may be relied on
    [[nodiscard]] Result<void> confirm();

    /// The number of leaves that pin() had to look up. Each may have been untouched memory, which was zeroed first.
    [[nodiscard]] u32 leaves() const { return leaves_; }

  private:
    struct Block {
        Ipa ipa;
        Pa pa;
        u64 size = 0;
    };
    [[nodiscard]] static Block block_of(Ipa ipa, const memory::Stage2::Leaf& leaf);

    GuestMemory& memory_;
    std::optional<Block> block_;
    u32 leaves_ = 0;
};

/// Pins and confirms one page.
[[nodiscard]] Result<memory::Pin> pin_page(GuestMemory& memory, Ipa page);

} // namespace trv::tee::optee

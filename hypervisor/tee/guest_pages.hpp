#pragma once
// From a guest's address to a pinned frame: plain memory, the VM's own, which the guest itself may write.

#include "memory/pin.hpp"
#include "tee/guest_memory.hpp"

#include <optional>

namespace trv::tee {

/// Translates and pins pages one after the other; pages of one stage-2 leaf cost one look-up between them.
///
/// A look-up may be stale when it arrives. Pages are therefore pinned by what a leaf says, and confirm() looks again:
/// if the leaf still says so, then the frames were the guest's at these addresses while they were pinned, and stay.
class PagePinner {
  public:
    explicit PagePinner(GuestMemory& memory) : memory_(memory) {}

    /// The caller owns one pin on the frame from here on, even if confirm() fails later.
    /// @param page page-aligned
    /// @return nothing is pinned on Error::Denied (read-only, or a device), Error::NotOwned, Error::TooMany (pins on
    /// one
    ///         frame), Error::Misaligned, or what GuestMemory says
    [[nodiscard]] Result<Pa> pin(Ipa page);

    /// To be called once after the last pin() of a series.
    /// @return Error::NotMapped if memory changed under our hands: nothing that was pinned may be relied on
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

/// One page, pinned and confirmed.
[[nodiscard]] Result<memory::Pin> pin_page(GuestMemory& memory, Ipa page);

} // namespace trv::tee

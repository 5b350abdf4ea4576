// SPDX-License-Identifier: Apache-2.0
#pragma once
// Translates guests' addresses to frames that are pinned: ordinary memory of the VM that the guest itself may write.

#include "lib/log.hpp"
#include "memory/physical/pin.hpp"
#include "tee/guest_memory.hpp"

#include <array>
#include <span>

namespace trv::tee::optee {

/// Translates a series of pages, which may lie anywhere in a few stage-2 leaves; each leaf is looked up once.
///
/// A look-up may be stale. So the frames are pinned after it, and confirm() then repeats it: if the leaves are unchanged,
/// the frames were the guest's at these addresses when they were pinned, and stay so.
class PageLookup {
  public:
    explicit PageLookup(GuestMemory& memory) : memory_(memory) {}

    /// Whether the address lies in the leaf that was found last.
    [[nodiscard]] bool knows(Ipa page) const { return page.value - ipa_.value < size_; }
    /// Makes it known.
    /// @return false if it lies in a leaf more than one series may have. Error::Denied (read-only, or a device), or what
    ///         GuestMemory says
    [[nodiscard]] Result<bool> find(Ipa page);
    /// Precondition: knows(page).
    [[nodiscard]] Pa frame_of(Ipa page) const { return pa_ + (page - ipa_); }

    /// Call this once, after the last frame of the series was pinned.
    /// @return Error::NotMapped if a mapping changed meanwhile: none of the frames may be relied on
    [[nodiscard]] Result<void> confirm();

  private:
    /// Bounds the time of a series: each may be untouched memory, of 2 MiB as a VM's memory is mapped, which is zeroed
    /// first.
    static constexpr u32 most_leaves = 4;

    struct Leaf {
        Ipa ipa;
        Pa pa;
        u64 size = 0;
    };
    void use(const Leaf& leaf);

    GuestMemory& memory_;
    Ipa ipa_; ///< of the leaf that was found last
    Pa pa_;
    u64 size_ = 0;
    std::array<Leaf, most_leaves> leaves_;
    u32 count_ = 0;
};

/// Frames, as runs, of which one step of a longer work takes as many.
class FrameBatch {
  public:
    /// @return false if there is no room
    [[nodiscard]] bool add(Pa frame) {
        if (frame == end_) {
            ++runs_[count_ - 1].count;
        } else if (count_ != runs_.size()) {
            runs_[count_++] = {frame, 1};
        } else {
            return false;
        }
        end_ = frame + page_size;
        ++pages_;
        return true;
    }
    [[nodiscard]] u32 pages() const { return pages_; }
    [[nodiscard]] std::span<const memory::FrameRun> runs() const { return std::span(runs_).first(count_); }

  private:
    std::array<memory::FrameRun, 16> runs_;
    u32 count_ = 0;
    u32 pages_ = 0;
    Pa end_{~u64{0}}; ///< the frame that would follow
};

/// Pins and confirms one page.
[[nodiscard]] Result<memory::Pin> pin_page(GuestMemory& memory, Ipa page);

} // namespace trv::tee::optee

// SPDX-License-Identifier: Apache-2.0
#pragma once
// An owned block of frames from the pool; the destructor frees it.

#include "lib/result.hpp"
#include "memory/physical/frame_owner.hpp"

#include <utility>

namespace trv::memory {

class FramePool;

/// The contents of a block that is freed: unused frames need no scrubbing.
enum class Contents : u8 { Used, Untouched };

class Frames {
  public:
    constexpr Frames() = default;
    Frames(Frames&& other) noexcept
        : pool_(other.pool_), range_(std::exchange(other.range_, PaRange{})), owner_(other.owner_) {}
    Frames& operator=(Frames&& other) noexcept;
    Frames(const Frames&) = delete;
    Frames& operator=(const Frames&) = delete;
    /// Precondition: no frame is pinned. For large blocks call give_back() in slices before.
    ~Frames();

    [[nodiscard]] explicit operator bool() const { return !range_.empty(); }
    [[nodiscard]] Pa base() const { return range_.base; }
    /// The part of the block that is not freed yet.
    [[nodiscard]] PaRange range() const { return range_; }
    [[nodiscard]] FrameOwner owner() const { return owner_; }

    /// Scrubs and frees the next part of the block, so that no single exit takes long. range() shrinks accordingly.
    /// Precondition: the frames are not in use: no stage 2 and no TLB maps them.
    /// @param max_bytes at least one page
    /// @return true if all is freed; Error::Busy while a frame of the next part is pinned: try again later
    [[nodiscard]] Result<bool> give_back(u64 max_bytes, Contents contents = Contents::Used);

    /// Whether any frame of the owner is pinned, in this block or elsewhere.
    [[nodiscard]] bool has_pinned() const;

    /// Passes ownership to the caller, which must call FramePool::give_back().
    [[nodiscard]] PaRange release() { return std::exchange(range_, PaRange{}); }

  private:
    friend class FramePool;
    Frames(FramePool& pool, PaRange range, FrameOwner owner) : pool_(&pool), range_(range), owner_(owner) {}

    FramePool* pool_ = nullptr;
    PaRange range_;
    FrameOwner owner_ = FrameOwner::Free;
};

} // namespace trv::memory

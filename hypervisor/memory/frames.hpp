#pragma once
// A block of frames from the pool, as an object: it goes back when it dies.

#include "lib/result.hpp"
#include "memory/frame_owner.hpp"

#include <utility>

namespace trv::memory {

class FramePool;

/// What a block that goes back holds: frames that were never given anything need no scrubbing.
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
    /// What is left of the block.
    [[nodiscard]] PaRange range() const { return range_; }
    [[nodiscard]] FrameOwner owner() const { return owner_; }

    /// Scrubs and gives back the next part of the block, so that no single visit to EL2 takes long. What was given back
    /// is gone from range(). Nothing may use the frames any more: they are out of every stage 2, and TLBs know it.
    /// @param max_bytes at least one page
    /// @return true when nothing is left; Error::Busy while a frame of the next part is pinned: try again later
    [[nodiscard]] Result<bool> give_back(u64 max_bytes, Contents contents = Contents::Used);

    /// The caller takes over: it calls FramePool::give_back() in the end.
    [[nodiscard]] PaRange release() { return std::exchange(range_, PaRange{}); }

  private:
    friend class FramePool;
    Frames(FramePool& pool, PaRange range, FrameOwner owner) : pool_(&pool), range_(range), owner_(owner) {}

    FramePool* pool_ = nullptr;
    PaRange range_;
    FrameOwner owner_ = FrameOwner::Free;
};

} // namespace trv::memory

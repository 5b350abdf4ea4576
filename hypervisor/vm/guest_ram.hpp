#pragma once
// The memory of one VM: blocks of frames, one behind the other from guest_ram_base up.

#include "memory/frame_pool.hpp"
#include "memory/scrub.hpp"
#include "memory/stage2.hpp"
#include "vm/guest_layout.hpp"

#include <array>

namespace trv::vm {

class GuestRam {
  public:
    /// The smallest block a VM is built from: what stage 2 maps with one entry.
    static constexpr u64 granule = 2 * MiB;
    /// Memory may be in so many pieces; more means that the machine's is badly fragmented.
    static constexpr unsigned max_blocks = 128;

    /// @param size a positive multiple of granule
    /// @return Error::NoMemory, Error::Invalid
    static Result<GuestRam> create(memory::FramePool& pool, u64 size, memory::FrameOwner owner);

    [[nodiscard]] IpaRange range() const { return {guest_ram_base, size_}; }

    /// Maps all of it. Nothing else is mapped there.
    Result<void> map_into(memory::Stage2& stage2) const;

    /// Zeroes the next part of it, for a VM that has never run in it.
    /// @return true when all is zero
    bool scrub_step(u64 max_bytes);

    /// Gives the next part back. Out of every stage 2 by then.
    /// @return true when nothing is left; Error::Busy while some of it is pinned
    Result<bool> give_back_step(u64 max_bytes);

  private:
    GuestRam() = default;

    std::array<memory::Frames, max_blocks> blocks_{};
    unsigned count_ = 0;
    u64 size_ = 0;
    unsigned scrub_block_ = 0;
    u64 scrubbed_ = 0; ///< bytes of that block
};

} // namespace trv::vm

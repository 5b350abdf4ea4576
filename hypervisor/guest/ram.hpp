// SPDX-License-Identifier: Apache-2.0
#pragma once
// The memory of one VM: consecutive blocks of frames from ram_base up. It is allocated as a whole when the VM is
// created, but zeroed and mapped only when the guest first touches it.
//
// The host's memory is where the machine has it (IPA = PA), and mapped from the start: its devices access it without
// asking stage 2. For the same reason its frames never become another owner's: a device may still write to them.

#include "guest/layout.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/limits.hpp"
#include "memory/physical/frame_pool.hpp"
#include "memory/physical/scrub.hpp"
#include "memory/translation/stage2.hpp"

#include <array>

namespace trv::guest {

class Ram {
  public:
    /// The smallest block of a VM's memory: the size that stage 2 maps with one entry.
    static constexpr u64 granule = 2 * MiB;
    /// The maximum number of blocks; more means that the machine's memory is badly fragmented.
    static constexpr unsigned max_blocks = 128;
    /// Ranges of guest-physical addresses: one, and of the host a few.
    static constexpr std::size_t max_banks = 16;
    using Banks = FixedVector<IpaRange, max_banks>;

    constexpr Ram() = default;
    /// Frees what give_back_step() has not freed. Scrubs only if anything was populated.
    ~Ram();
    Ram(const Ram&) = delete;
    Ram& operator=(const Ram&) = delete;

    /// Once, before anything else.
    /// @param size a positive multiple of granule
    /// @return Error::NoMemory, Error::Invalid
    Result<void> allocate(memory::FramePool& pool, u64 size, memory::FrameOwner owner);

    /// The same for the host: takes banks that belong to it since boot, and maps them. Frees nothing at the end, but
    /// scrubs.
    /// @param banks whole pages; the first has room for the kernel
    /// @return also errors of Stage2::map()
    Result<void> adopt(memory::FramePool& pool, memory::Stage2& stage2, std::span<const PaRange> banks,
                       memory::FrameOwner owner);

    [[nodiscard]] Banks banks() const;
    /// Where the kernel is placed.
    [[nodiscard]] IpaRange first_bank() const;
    [[nodiscard]] bool overlaps(IpaRange range) const;
    [[nodiscard]] bool contains(Ipa ipa) const { return block_of(ipa) != nullptr; }

    /// Populates the memory at `ipa`: zeroes its granule and maps it, unless that was done before. Memory that a guest
    /// never touches costs nothing, and a guest never sees former contents.
    /// @return Error::OutOfRange outside the VM's memory, Error::NoMemory; Error::Busy while another CPU does it: try again,
    ///         best after the guest has had its interrupts
    /// Context: any CPU; zeroes 2 MiB, some hundred microseconds, without a lock.
    Result<void> populate(memory::Stage2& stage2, Ipa ipa) EXCLUDES(lock_);

    /// Cleans and invalidates the caches for the next part of what was populated: before a kernel starts anew, with its
    /// caches off, over what the one before it left dirty. Some milliseconds at most.
    /// @param stage2 no CPU uses it meanwhile
    /// @param done   bytes from the start that are clean, 0 at first; it goes on from there
    /// @return whether there is more to do
    [[nodiscard]] bool clean_step(const memory::Stage2& stage2, u64& done);

    /// Gives the next part back, scrubbed where the guest has touched it: a granule of what was touched, or 16 MiB of
    /// what never was. Some hundred microseconds. The host's is scrubbed, and stays the host's.
    /// @param stage2 not in use by any CPU; it shows which parts were populated
    /// @return true when all is freed; Error::Busy while some of it is pinned
    Result<bool> give_back_step(const memory::Stage2& stage2);

  private:
    /// A granule that a CPU is just zeroing, so that no other one does.
    struct Claim {
        Ipa base{};
        bool taken = false;
    };

    struct Block {
        Ipa base{};
        memory::Frames frames;

        [[nodiscard]] IpaRange range() const { return {base, frames.range().size}; }
    };

    [[nodiscard]] Result<Claim*> claim(const memory::Stage2& stage2, Ipa base) EXCLUDES(lock_);
    [[nodiscard]] const Block* block_of(Ipa ipa) const;
    /// Precondition: contains(ipa).
    [[nodiscard]] Pa frame_behind(Ipa ipa) const;
    [[nodiscard]] Result<bool> scrub_step();

    std::array<Block, max_blocks> blocks_{};
    unsigned count_ = 0;
    bool adopted_ = false;
    u64 scrubbed_ = 0; ///< bytes of the last block, if adopted
    SpinLock lock_;
    bool populated_ = false; ///< any of it; written under lock_
    std::array<Claim, max_cpus> claims_ GUARDED_BY(lock_){};
};

} // namespace trv::guest

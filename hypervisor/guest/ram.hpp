// SPDX-License-Identifier: Apache-2.0
#pragma once
// The memory of one VM: consecutive blocks of frames from ram_base up. It is allocated as a whole when the VM is
// created, but zeroed and mapped only when the guest first touches it.

#include "guest/layout.hpp"
#include "lib/limits.hpp"
#include "memory/frame_pool.hpp"
#include "memory/scrub.hpp"
#include "memory/stage2.hpp"

#include <array>

namespace trv::guest {

class Ram {
  public:
    /// The smallest block of a VM's memory: the size that stage 2 maps with one entry.
    static constexpr u64 granule = 2 * MiB;
    /// The maximum number of blocks; more means that the machine's memory is badly fragmented.
    static constexpr unsigned max_blocks = 128;

    constexpr Ram() = default;
    /// Frees what give_back_step() has not freed. Scrubs only if anything was populated.
    ~Ram();
    Ram(const Ram&) = delete;
    Ram& operator=(const Ram&) = delete;

    /// Once, before anything else.
    /// @param size a positive multiple of granule
    /// @return Error::NoMemory, Error::Invalid
    Result<void> allocate(memory::FramePool& pool, u64 size, memory::FrameOwner owner);

    [[nodiscard]] IpaRange range() const { return {ram_base, size_}; }

    /// Populates the memory at `ipa`: zeroes its granule and maps it, unless that was done before. Memory that a guest
    /// never touches costs nothing, and a guest never sees former contents.
    /// @return Error::OutOfRange outside range(), Error::NoMemory; Error::Busy while another CPU does it: try again,
    ///         best after the guest has had its interrupts
    /// Context: any CPU; zeroes 2 MiB, some hundred microseconds, without a lock.
    Result<void> populate(memory::Stage2& stage2, Ipa ipa) EXCLUDES(lock_);

    /// Cleans and invalidates the caches for the next part of what was populated: before a kernel starts anew, with its
    /// caches off, over what the one before it left dirty. Some milliseconds at most.
    /// @param stage2 no CPU uses it meanwhile
    /// @param done   bytes from the start that are clean, 0 at first; it goes on from there
    /// @return whether there is more to do
    [[nodiscard]] bool clean_step(const memory::Stage2& stage2, u64& done) const;

    /// Gives the next part back, scrubbed where the guest has touched it: a granule of what was touched, or 16 MiB of
    /// what never was. Some hundred microseconds.
    /// @param stage2 not in use by any CPU; it shows which parts were populated
    /// @return true when all is freed; Error::Busy while some of it is pinned
    Result<bool> give_back_step(const memory::Stage2& stage2);

  private:
    /// A granule that a CPU is just zeroing, so that no other one does.
    struct Claim {
        Ipa base{};
        bool taken = false;
    };

    [[nodiscard]] Result<Claim*> claim(const memory::Stage2& stage2, Ipa base) EXCLUDES(lock_);
    [[nodiscard]] Pa frame_behind(Ipa ipa) const;
    [[nodiscard]] u64 bytes_before(unsigned block) const;

    std::array<memory::Frames, max_blocks> blocks_{};
    unsigned count_ = 0;
    u64 size_ = 0;
    SpinLock lock_;
    bool populated_ = false; ///< any of it; written under lock_
    std::array<Claim, max_cpus> claims_ GUARDED_BY(lock_){};
};

} // namespace trv::guest

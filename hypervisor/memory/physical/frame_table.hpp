// SPDX-License-Identifier: Apache-2.0
#pragma once
// The table of all frames of RAM: each frame's owner, and whether code outside the hypervisor (a call into OP-TEE)
// relies on it.
//
// Rules for changes from several CPUs at once. A frame is one word, changed by compare-exchange only, except where only
// the pool can reach it (Free and Leaving frames):
//   - pin: needs the expected owner; increments the count.
//   - give back: needs the expected owner and count 0; the owner becomes Leaving. If a pin and a give-back race, either
//     the give-back fails with Busy, or the pin fails with NotOwned.
//   - lend: needs the expected owner, a pin, and that it is not lent; who ends the loan does so before the pin.
//   - a run is pinned frame by frame; if one frame refuses, those before it are unpinned again. Meanwhile another CPU
//     may see a give-back fail that would succeed a moment later, never the reverse.

#include "lib/result.hpp"
#include "memory/physical/frame_word.hpp"
#include "memory/physical/ram_map.hpp"

#include <array>
#include <atomic>
#include <span>

namespace trv::memory {

/// Consecutive frames.
struct FrameRun {
    Pa first;      ///< page-aligned
    u32 count = 0; ///< frames

    [[nodiscard]] constexpr PaRange range() const { return {first, u64{count} * page_size}; }
};

class FrameTable {
  public:
    static constexpr unsigned max_banks = 16;

    constexpr FrameTable() = default;
    FrameTable(const FrameTable&) = delete;
    FrameTable& operator=(const FrameTable&) = delete;

    /// Creates the table, 4 bytes per frame, in the first free RAM that is large enough. All RAM must be mapped. Frame
    /// 0 is Reserved whatever the map says, because too much code uses address 0 as a null value.
    /// @return Error::TooMany banks that do not touch, Error::Invalid for overlapping banks or none, Error::NoMemory
    /// Context: boot, one CPU. Cost grows with RAM: one clearing of the table.
    [[nodiscard]] Result<void> start(const RamMap& map);

    /// The frames of the table itself; owned by the hypervisor.
    [[nodiscard]] PaRange storage() const { return storage_; }

    /// @return Error::OutOfRange outside RAM
    [[nodiscard]] Result<FrameOwner> owner_of(Pa pa) const;

    /// Whether every frame that `range` touches belongs to `owner`.
    /// @return Error::NotOwned, Error::OutOfRange, Error::Invalid for an empty range
    /// Context: any; cost grows with the number of frames.
    [[nodiscard]] Result<void> check_owner(PaRange range, FrameOwner owner) const;

    /// Whether `range` and RAM have no byte in common.
    [[nodiscard]] bool is_outside(PaRange range) const;

    /// Prevents frames from being freed until unpin(). Frames may be pinned many times. Prefer Pin (pin.hpp).
    /// @param owner the required owner of all frames
    /// @return nothing is pinned on Error::NotOwned, Error::OutOfRange, Error::Misaligned, Error::Invalid (an empty
    ///         run), Error::TooMany (pins on one frame)
    /// Context: any CPU, no lock; cost grows with the number of frames.
    [[nodiscard]] Result<void> pin(FrameRun run, FrameOwner owner);
    /// All runs or none.
    [[nodiscard]] Result<void> pin(std::span<const FrameRun> runs, FrameOwner owner);

    /// Removes one pin per frame. Precondition: the caller holds a pin on each frame.
    /// Context: as pin().
    void unpin(FrameRun run);

    /// Marks frames as lent by their owner, a VM, to another one: no other loan has them until take_back(). Prefer Loan
    /// (loan.hpp). Precondition: the caller knows of a pin on each that outlives the loan.
    /// @return nothing is lent on Error::NotOwned, Error::Busy (lent already), Error::Invalid (not pinned, or an empty
    ///         run), Error::OutOfRange, Error::Misaligned
    /// Context: as pin().
    [[nodiscard]] Result<void> lend(FrameRun run, FrameOwner owner);
    /// Precondition: all are lent, and no other VM maps them any more.
    void take_back(FrameRun run);
    /// Whether all frames of the range are lent. Context: as check_owner().
    [[nodiscard]] bool is_lent(PaRange range) const;

    /// Pins on one frame, for tests and reports; 0 outside RAM.
    [[nodiscard]] u32 pins_on(Pa pa) const;

    [[nodiscard]] u64 frames_of(FrameOwner owner) const;
    /// The total number of pins on one owner's frames.
    [[nodiscard]] u64 pins_of(FrameOwner owner) const;
    /// Frames of RAM in all banks.
    [[nodiscard]] u64 frames() const;

  private:
    friend class FramePool;
    friend class Heap;

    struct Bank {
        PaRange range;
        u32* words = nullptr; ///< one FrameWord per frame; accessed atomically
    };
    struct Count {
        std::atomic<u32> frames = 0;
        std::atomic<u64> pins = 0;
    };

    // For the pool. `range` is page-aligned and inside one bank, which has been checked.

    /// Free frames, in no list, become the owner's; the first is marked as the head of a block.
    void hand_out(PaRange block, unsigned order, FrameOwner owner);
    /// The owner's frames become Leaving, all or none: Error::Busy, Error::NotOwned, Error::OutOfRange.
    [[nodiscard]] Result<void> begin_leaving(PaRange range, FrameOwner owner);
    /// Leaving frames become Free.
    void end_leaving(PaRange range);
    void set_free_head(Pa block, unsigned order);
    void clear_free_head(Pa block);
    /// Whether a free block of exactly this order begins here. False outside RAM.
    [[nodiscard]] bool is_free_head(Pa block, unsigned order) const;
    /// Order of the allocated block that begins here.
    [[nodiscard]] unsigned order_of_block(Pa block) const;
    [[nodiscard]] const Bank* bank_of(PaRange range) const {
        for (unsigned i = 0; i < bank_count_; ++i) {
            if (banks_[i].range.contains(range)) {
                return &banks_[i];
            }
        }
        return nullptr;
    }

    [[nodiscard]] static u32* word_at(const Bank& bank, Pa pa) {
        return bank.words + ((pa - bank.range.base) >> page_shift);
    }
    [[nodiscard]] static FrameWord load(const Bank& bank, Pa pa);
    static void store(const Bank& bank, Pa pa, FrameWord word);
    [[nodiscard]] static Result<void> pin_one(u32& frame, FrameOwner owner);
    [[nodiscard]] static Result<void> lend_one(u32& frame, FrameOwner owner);
    static void take_back_one(u32& frame);
    static void unpin_one(u32& frame);
    static void unpin_words(u32* words, u32 count);
    [[nodiscard]] u32* words_of(FrameRun run) const;
    [[nodiscard]] Result<void> add_banks(std::span<const PaRange> banks);
    [[nodiscard]] Result<void> add_bank(PaRange bank);
    [[nodiscard]] Result<PaRange> find_storage(const RamMap& map, u64 bytes) const;
    void take(PaRange range, FrameOwner owner);
    void count_moved(FrameOwner from, FrameOwner to, u64 frames);
    [[nodiscard]] Count& count_of(FrameOwner owner) { return counts_[static_cast<unsigned>(owner)]; }
    [[nodiscard]] const Count& count_of(FrameOwner owner) const { return counts_[static_cast<unsigned>(owner)]; }

    std::array<Bank, max_banks> banks_{};
    unsigned bank_count_ = 0;
    PaRange storage_;
    std::array<Count, frame_owners> counts_{};
};

} // namespace trv::memory

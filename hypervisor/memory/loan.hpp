// SPDX-License-Identifier: Apache-2.0
#pragma once
// Frames that one VM lends another, as an object: its end takes them back. A frame that two VMs map is in exactly one
// loan: the frame table sees to it.
//
// The lender's frames are pinned from before the loan until after it, so that they keep their owner; who pins them ends
// the loan first. The borrower maps them from a page of its address space on, one after the other.

#include "lib/heap_array.hpp"
#include "memory/physical/frame_table.hpp"
#include "memory/translation/stage2.hpp"

namespace trv::memory {

class Loan {
  public:
    /// Of no frames.
    Loan() = default;
    /// @param runs that add() will be called for, at most. @return Error::NoMemory
    [[nodiscard]] static Result<Loan> create(FrameTable& frames, FrameOwner lender, std::size_t runs);

    Loan(Loan&& other) noexcept
        : frames_(std::exchange(other.frames_, nullptr)), lender_(other.lender_), runs_(std::move(other.runs_)),
          count_(std::exchange(other.count_, 0)), pages_(std::exchange(other.pages_, 0)) {}
    Loan& operator=(Loan&& other) noexcept {
        std::swap(frames_, other.frames_);
        std::swap(lender_, other.lender_);
        std::swap(runs_, other.runs_);
        std::swap(count_, other.count_);
        std::swap(pages_, other.pages_);
        return *this;
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    /// Precondition: no stage 2 maps them.
    ~Loan();

    /// The next frames. @return nothing is added on errors of FrameTable::lend()
    [[nodiscard]] Result<void> add(FrameRun run);
    [[nodiscard]] u64 bytes() const { return pages_ * page_size; }

    /// Maps all of them for the borrower. @return nothing is mapped on errors of Stage2::map_lent()
    /// Context: cost grows with the number of frames.
    [[nodiscard]] Result<void> map(Stage2& borrower, Ipa base) const;
    /// Precondition: they are mapped there. When it returns, the borrower cannot access them any more.
    void unmap(Stage2& borrower, Ipa base) const;

  private:
    FrameTable* frames_ = nullptr;
    FrameOwner lender_{};
    HeapArray<FrameRun> runs_;
    std::size_t count_ = 0;
    u64 pages_ = 0;
};

} // namespace trv::memory

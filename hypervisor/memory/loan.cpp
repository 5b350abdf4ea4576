// SPDX-License-Identifier: Apache-2.0
#include "memory/loan.hpp"

namespace trv::memory {

Result<Loan> Loan::create(FrameTable& frames, FrameOwner lender, std::size_t runs) {
    Loan loan;
    loan.runs_ = TRY(HeapArray<FrameRun>::create(runs));
    loan.frames_ = &frames;
    loan.lender_ = lender;
    return loan;
}

Loan::~Loan() {
    for (std::size_t i = 0; i < count_; ++i) {
        frames_->take_back(runs_[i]);
    }
}

Result<void> Loan::add(FrameRun run) {
    if (count_ == runs_.size()) {
        return fail(Error::TooMany);
    }
    TRY(frames_->lend(run, lender_));
    runs_[count_++] = run;
    pages_ += run.count;
    return {};
}

Result<void> Loan::map(Stage2& borrower, Ipa base) const {
    Ipa next = base;
    for (std::size_t i = 0; i < count_; ++i) {
        if (Result<void> mapped = borrower.map_lent(next, runs_[i]); !mapped) {
            if (next != base) {
                MUST(borrower.unmap({base, next - base})); // all of it is mapped, and no part of a block
            }
            return mapped;
        }
        next += runs_[i].range().size;
    }
    return {};
}

void Loan::unmap(Stage2& borrower, Ipa base) const {
    if (pages_ != 0) {
        MUST(borrower.unmap({base, bytes()}));
    }
}

} // namespace trv::memory

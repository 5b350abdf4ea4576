// SPDX-License-Identifier: Apache-2.0
#include "vm/host/io_bank.hpp"

#include "arch/cpu/nospec.hpp"
#include "contract/guest_memory.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

constexpr u64 piece_size = contract::virtio::whole_piece;

} // namespace

Result<void> IoBank::create(u64 whole) {
    whole_ = whole != 0;
    pieces_ = TRY(HeapArray<Piece>::create(whole_ ? (whole - 1) / piece_size + 1 : 1));
    const Guard guard(lock_);
    size_ = whole;
    return {};
}

bool IoBank::is_lent() const {
    return std::ranges::all_of(pieces_,
                               [](const Piece& piece) { return piece.name.load(std::memory_order_relaxed) != none; });
}

Ipa IoBank::base() const {
    return Ipa(whole_ ? contract::vm_ram_base : contract::virtio::bank_base(size_));
}

Result<IoBank::Piece*> IoBank::begin(Name name, u64 number, u64 size) {
    if (number >= pieces_.size()) {
        return fail(Error::OutOfRange);
    }
    Piece& piece = pieces_[arch::nospec_index(number, pieces_.size())];
    if (piece.name.load(std::memory_order_relaxed) != none) {
        return fail(Error::Busy);
    }
    const u64 known = whole_ ? std::min(piece_size, size_ - number * piece_size) : size_;
    if ((whole_ || stage2_ != nullptr) && size != known) {
        return fail(Error::Invalid);
    }
    size_ = whole_ ? size_ : size;
    piece.name.store(name, std::memory_order_relaxed);
    return &piece;
}

Result<void> IoBank::map(Piece& piece) {
    TRY(piece.loan.map(*stage2_, base() + static_cast<u64>(&piece - pieces_.begin()) * piece_size));
    piece.mapped = true;
    return {};
}

void IoBank::unmap(Piece& piece) {
    if (std::exchange(piece.mapped, false)) {
        piece.loan.unmap(*stage2_, base() + static_cast<u64>(&piece - pieces_.begin()) * piece_size);
    }
}

/// What vCPUs found missing is there, or some of it: they look again.
Result<void> IoBank::take(Piece& piece, memory::Loan loan) {
    piece.loan = std::move(loan);
    if (stage2_ != nullptr) {
        TRY(map(piece));
        for (vdev::Ticket& ticket : held_) {
            if (ticket != vdev::Ticket{}) {
                (void)exits_->complete(std::exchange(ticket, {}), 0); // no effect if its VM is stopping
            }
        }
    }
    return {};
}

Result<void> IoBank::end(Piece& piece, Result<void> result) {
    if (!result) {
        take_back_locked(piece);
    }
    return result;
}

void IoBank::take_back() {
    const Guard guard(lock_);
    for (Piece& piece : pieces_) {
        take_back_locked(piece);
    }
}

void IoBank::take_back_if(Piece& piece, Name name) {
    const Guard guard(lock_);
    if (piece.name.load(std::memory_order_relaxed) == name) {
        take_back_locked(piece);
    }
}

void IoBank::take_back_locked(Piece& piece) {
    unmap(piece);
    piece.loan = memory::Loan();
    piece.name.store(none, std::memory_order_relaxed);
}

Result<IoBank::Attachment> IoBank::attach(memory::Stage2& stage2, vdev::DeferredExits& exits) {
    const Guard guard(lock_);
    ASSERT(stage2_ == nullptr);
    if (!is_lent()) {
        return fail(Error::NotFound);
    }
    stage2_ = &stage2;
    exits_ = &exits;
    held_ = {};
    return Attachment(*this, {base(), size_});
}

Result<bool> IoBank::map_step() {
    const Guard guard(lock_);
    for (Piece& piece : pieces_) {
        if (!piece.mapped && piece.name.load(std::memory_order_relaxed) != none) {
            TRY(map(piece));
            return true;
        }
    }
    return false;
}

bool IoBank::unmap_step() {
    const Guard guard(lock_);
    Piece* const mapped = std::ranges::find_if(pieces_, &Piece::mapped);
    if (mapped == pieces_.end()) {
        return false;
    }
    unmap(*mapped);
    return true;
}

/// The loan goes on, for the VM's next life; its address space goes as a whole, but not before the frames' marks say so.
void IoBank::detach() {
    const Guard guard(lock_);
    for (Piece& piece : pieces_) {
        unmap(piece);
    }
    stage2_ = nullptr;
    exits_ = nullptr;
    held_ = {};
}

IoBank::Attachment::Access IoBank::hold(unsigned vcpu, u64 offset) {
    const Guard guard(lock_);
    const u64 piece = whole_ ? arch::nospec_index(offset / piece_size, pieces_.size()) : 0;
    if (pieces_[piece].name.load(std::memory_order_relaxed) != none) {
        return Attachment::Access::Again;
    }
    held_[vcpu] = exits_->defer(vcpu);
    return Attachment::Access::Waits;
}

} // namespace trv::vm

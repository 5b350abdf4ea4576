// SPDX-License-Identifier: Apache-2.0
#pragma once
// The memory that the host lends a VM for its devices: docs/internals/virtio.md. A bank beside the VM's own memory, or,
// in pieces, all the memory that the VM has. It is as old as the VM's description. A VM that was started with it waits
// wherever it touches it while it is gone.

#include "contract/virtio.hpp"
#include "lib/heap_array.hpp"
#include "memory/loan.hpp"
#include "sync/spinlock.hpp"
#include "vdev/device.hpp"

#include <array>
#include <atomic>

namespace trv::vm {

class IoBank {
  public:
    /// Names a loan of one machine; never repeated. 0: none.
    using Name = u64;

    IoBank() = default;
    IoBank(const IoBank&) = delete;
    IoBank& operator=(const IoBank&) = delete;
    ~IoBank() { take_back(); }

    /// Once, before anything else. @param whole bytes of the VM's memory, if all of it is lent, at most
    ///        contract::virtio::largest_whole; otherwise 0
    /// @return Error::NoMemory
    [[nodiscard]] Result<void> create(u64 whole);

    // The host's side; any CPU.

    /// @param name is known here before make() is called, so that end_of() of another CPU, which comes after what make()
    ///             does, finds it
    /// @param piece anything. @param size of a bank, or of the piece
    /// @param make Result<memory::Loan>(): a loan of that size
    /// @return Error::OutOfRange for a piece that it has not, Error::Busy if there is a loan, Error::Invalid for another
    ///         size than the piece's, or than a VM knows that exists; of make(); Error::NoMemory
    /// Context: cost grows with the number of pages.
    template <typename Make>
    [[nodiscard]] Result<void> lend(Name name, u64 piece, u64 size, Make make) EXCLUDES(lock_) {
        const Guard guard(lock_);
        Piece* const begun = TRY(begin(name, piece, size));
        Result<memory::Loan> loan = make();
        ASSERT(!loan || loan->bytes() == size);
        return end(*begun, loan ? take(*begun, std::move(*loan)) : fail(loan.error()));
    }
    /// The VM's vCPUs go on until they touch it. No effect without a loan. Context: as lend(), of all pieces.
    void take_back() EXCLUDES(lock_);
    /// Takes back the loan of that name, if it has it.
    void end_of(Name name) {
        for (Piece& piece : pieces_) {
            if (piece.name.load(std::memory_order_relaxed) == name) { // the lock of what make() marks orders it
                take_back_if(piece, name);
            }
        }
    }
    /// All of it.
    [[nodiscard]] bool is_lent() const;

    // The VM's side.

    /// What the VM knows while it exists, and maps while it is lent.
    class Attachment {
      public:
        /// Of a VM without a bank.
        Attachment() = default;
        Attachment(Attachment&& other) noexcept
            : bank_(std::exchange(other.bank_, nullptr)), range_(std::exchange(other.range_, {})) {}
        Attachment& operator=(Attachment&& other) noexcept {
            std::swap(bank_, other.bank_);
            std::swap(range_, other.range_);
            return *this;
        }
        Attachment(const Attachment&) = delete;
        Attachment& operator=(const Attachment&) = delete;
        ~Attachment() {
            if (bank_ != nullptr) {
                bank_->detach();
            }
        }

        /// Empty without a bank.
        [[nodiscard]] IpaRange range() const { return range_; }
        /// Whether it is all the memory that the VM has.
        [[nodiscard]] bool is_whole() const { return bank_ != nullptr && bank_->is_whole(); }
        [[nodiscard]] bool is_lent() const { return bank_ != nullptr && bank_->is_lent(); }

        /// Maps the next piece that is lent and was not mapped yet. @return whether there may be more; Error::NoMemory
        [[nodiscard]] Result<bool> map_step() { return bank_ != nullptr ? bank_->map_step() : Result<bool>(false); }
        /// Unmaps the next piece, when no vCPU is on any more. @return whether there may be more
        [[nodiscard]] bool unmap_step() { return bank_ != nullptr && bank_->unmap_step(); }

        enum class Access : u8 {
            Elsewhere, ///< not in the bank
            Again,     ///< it is mapped, or was meanwhile
            Waits,     ///< the exit is deferred, until it is lent anew
        };
        /// A vCPU has found the address not mapped. Context: the vCPU's own CPU.
        [[nodiscard]] Access hold(unsigned vcpu, Ipa ipa) {
            return range_.contains(ipa) ? bank_->hold(vcpu, ipa - range_.base) : Access::Elsewhere;
        }

      private:
        friend class IoBank;
        Attachment(IoBank& bank, IpaRange range) : bank_(&bank), range_(range) {}

        IoBank* bank_ = nullptr;
        IpaRange range_;
    };
    /// The VM is being made; nothing is mapped yet. @param stage2, exits outlive the attachment
    /// @return Error::NotFound if not all of it is lent
    [[nodiscard]] Result<Attachment> attach(memory::Stage2& stage2, vdev::DeferredExits& exits) EXCLUDES(lock_);

  private:
    static constexpr Name none = 0;

    /// Its members but the name are accessed under the lock.
    struct Piece {
        std::atomic<Name> name = none; ///< written under the lock
        memory::Loan loan;
        bool mapped = false;
    };

    [[nodiscard]] bool is_whole() const { return whole_; }
    [[nodiscard]] Result<Piece*> begin(Name name, u64 piece, u64 size) REQUIRES(lock_);
    [[nodiscard]] Result<void> take(Piece& piece, memory::Loan loan) REQUIRES(lock_);
    [[nodiscard]] Result<void> end(Piece& piece, Result<void> result) REQUIRES(lock_);
    [[nodiscard]] Result<void> map(Piece& piece) REQUIRES(lock_);
    void unmap(Piece& piece) REQUIRES(lock_);
    void take_back_if(Piece& piece, Name name) EXCLUDES(lock_);
    void take_back_locked(Piece& piece) REQUIRES(lock_);
    [[nodiscard]] Ipa base() const REQUIRES(lock_);
    [[nodiscard]] Result<bool> map_step() EXCLUDES(lock_);
    [[nodiscard]] bool unmap_step() EXCLUDES(lock_);
    [[nodiscard]] Attachment::Access hold(unsigned vcpu, u64 offset) EXCLUDES(lock_);
    void detach() EXCLUDES(lock_);

    HeapArray<Piece> pieces_; ///< one of a bank
    bool whole_ = false;
    SpinLock lock_;                                      ///< before Stage2's, what make() takes, and PendingExit's
    u64 size_ GUARDED_BY(lock_) = 0;                     ///< of the last loan, or of all pieces
    memory::Stage2* stage2_ GUARDED_BY(lock_) = nullptr; ///< null while no VM is attached
    vdev::DeferredExits* exits_ GUARDED_BY(lock_) = nullptr;
    std::array<vdev::Ticket, max_vcpus> held_ GUARDED_BY(lock_){}; ///< 0: not held, or not any more
};

} // namespace trv::vm

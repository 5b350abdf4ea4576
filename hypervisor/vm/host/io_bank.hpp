// SPDX-License-Identifier: Apache-2.0
#pragma once
// The memory that the host lends a VM for its devices: docs/internals/virtio.md. It is as old as the VM's description. A
// VM that was started with it waits wherever it touches it while it is gone.

#include "contract/virtio.hpp"
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

    // The host's side; any CPU.

    /// @param name is known here before make() is called, so that end_of() of another CPU, which comes after what make()
    ///             does, finds it
    /// @param size of a bank
    /// @param make Result<memory::Loan>(): a loan of that size
    /// @return Error::Busy if there is a loan, Error::Invalid for another size than a VM knows that exists; of make();
    ///         Error::NoMemory
    /// Context: cost grows with the number of pages.
    template <typename Make>
    [[nodiscard]] Result<void> lend(Name name, u64 size, Make make) EXCLUDES(lock_) {
        const Guard guard(lock_);
        TRY(begin(name, size));
        Result<memory::Loan> loan = make();
        return end(loan ? take(std::move(*loan)) : fail(loan.error()));
    }
    /// The VM's vCPUs go on until they touch it. No effect without a loan. Context: as lend().
    void take_back() EXCLUDES(lock_);
    /// Takes back the loan of that name, if it has it.
    void end_of(Name name) {
        if (name_.load(std::memory_order_relaxed) == name) { // the lock of what make() marks orders it
            take_back_if(name);
        }
    }
    [[nodiscard]] bool is_lent() const { return name_.load(std::memory_order_relaxed) != none; }

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

        enum class Access : u8 {
            Elsewhere, ///< not in the bank
            Again,     ///< it is mapped, or was meanwhile
            Waits,     ///< the exit is deferred, until it is lent anew
        };
        /// A vCPU has found the address not mapped. Context: the vCPU's own CPU.
        [[nodiscard]] Access hold(unsigned vcpu, Ipa ipa) {
            return range_.contains(ipa) ? bank_->hold(vcpu) : Access::Elsewhere;
        }

      private:
        friend class IoBank;
        Attachment(IoBank& bank, IpaRange range) : bank_(&bank), range_(range) {}

        IoBank* bank_ = nullptr;
        IpaRange range_;
    };
    /// The VM is being made. @param stage2, exits outlive the attachment
    /// @return Error::NotFound without a loan; Error::AlreadyMapped, Error::NoMemory
    [[nodiscard]] Result<Attachment> attach(memory::Stage2& stage2, vdev::DeferredExits& exits) EXCLUDES(lock_);

  private:
    static constexpr Name none = 0;

    [[nodiscard]] Result<void> begin(Name name, u64 size) REQUIRES(lock_);
    [[nodiscard]] Result<void> take(memory::Loan loan) REQUIRES(lock_);
    [[nodiscard]] Result<void> end(Result<void> result) REQUIRES(lock_);
    void take_back_if(Name name) EXCLUDES(lock_);
    void take_back_locked() REQUIRES(lock_);
    [[nodiscard]] Ipa base() const REQUIRES(lock_) { return Ipa(contract::virtio::bank_base(size_)); }
    [[nodiscard]] Attachment::Access hold(unsigned vcpu) EXCLUDES(lock_);
    void detach() EXCLUDES(lock_);

    SpinLock lock_;                 ///< before Stage2's, what make() takes, and PendingExit's
    std::atomic<Name> name_ = none; ///< written under the lock
    memory::Loan loan_ GUARDED_BY(lock_);
    u64 size_ GUARDED_BY(lock_) = 0;                     ///< of the last loan
    memory::Stage2* stage2_ GUARDED_BY(lock_) = nullptr; ///< null while no VM is attached
    vdev::DeferredExits* exits_ GUARDED_BY(lock_) = nullptr;
    std::array<vdev::Ticket, max_vcpus> held_ GUARDED_BY(lock_){}; ///< 0: not held, or not any more
};

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest-physical address space of one virtual machine.
//
// While a block is split, another vCPU may find the whole block unmapped for a moment. So the handler of stage-2 faults
// looks up the address first: if the access is allowed by then, the guest retries it.

#include "lib/checked.hpp"
#include "memory/physical/device_table.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/translation/page_table.hpp"
#include "memory/translation/vmid.hpp"
#include "sync/spinlock.hpp"

#include <algorithm>

namespace trv::memory {

using arch::Access;
using arch::MemoryType;

class Stage2 {
  public:
    enum class Purpose : u8 { Read, Write };

    /// The translation of one IPA.
    struct Leaf {
        Pa pa;         ///< of the given IPA
        u64 remaining; ///< bytes from there to the end of the leaf, at least 1: contiguous in IPA and PA
        u64 size;      ///< of the leaf: 4 KiB, 2 MiB or 1 GiB
        Access access;
        MemoryType type;
    };

    /// @param owner    the owner of all frames that are mapped as Normal memory
    /// @param ipa_bits 32 to 48, at most limits.pa_bits
    /// @return an empty address space; Error::NoMemory, Error::OutOfRange
    [[nodiscard]] static Result<Stage2> create(FramePool& pool, VmidLease vmid, FrameOwner owner, unsigned ipa_bits,
                                               const arch::TranslationLimits& limits);

    /// Only while it is being created; an address space in use does not move.
    Stage2(Stage2&& other) noexcept;
    Stage2& operator=(Stage2&&) = delete;
    Stage2(const Stage2&) = delete;
    Stage2& operator=(const Stage2&) = delete;
    /// Precondition: no CPU has vttbr() in its register.
    ~Stage2();

    /// Maps a range of the owner's RAM as Normal memory.
    /// @param range page-aligned; the output is contiguous from `pa`
    /// @return nothing changes on Error::NotOwned, Error::AlreadyMapped, Error::NoMemory, Error::Misaligned,
    ///         Error::OutOfRange, Error::Invalid
    /// Context: takes the address space's lock. Cost: one check per frame, one store per leaf.
    [[nodiscard]] Result<void> map(IpaRange range, Pa pa, Access access) EXCLUDES(lock_);

    /// Maps what another VM lends as Normal memory. The mapping ends before the loan does.
    /// @return as map(); Error::NotOwned for frames that are not lent
    [[nodiscard]] Result<void> map_lent(Ipa ipa, FrameRun lent) EXCLUDES(lock_);

    /// Maps a device of the owner from `ipa` on: readable and writable, never executable. The lease ends after the
    /// address space, or after unmap().
    /// @return nothing changes on Error::NotOwned (another VM's lease), Error::AlreadyMapped, Error::NoMemory,
    ///         Error::Misaligned, Error::OutOfRange
    [[nodiscard]] Result<void> map_device(Ipa ipa, const DeviceLease& device) EXCLUDES(lock_);

    /// Maps a page of device registers that belong to the CPU on which a vCPU runs, and to the VM meanwhile: GICV. No VM
    /// has a lease of them. Precondition: the hypervisor has reserved them.
    /// @return as map_device()
    [[nodiscard]] Result<void> map_cpu_registers(Ipa ipa, Pa registers) EXCLUDES(lock_);

    /// Unmaps a range. When it returns, no vCPU can access memory through these addresses.
    /// @return nothing changes on Error::NotMapped (any part), Error::NoMemory (for a split), Error::Misaligned,
    ///         Error::OutOfRange, Error::Invalid
    [[nodiscard]] Result<void> unmap(IpaRange range) EXCLUDES(lock_);

    /// Looks up an address. The result may be stale unless the caller prevents changes. To rely on the frames: look up,
    /// pin them for the owner (the frame table refuses if the owner changed), use.
    /// @return Error::NotMapped, Error::OutOfRange
    [[nodiscard]] Result<Leaf> lookup(Ipa ipa) const EXCLUDES(lock_);

    /// Calls use(std::byte*, bytes) with the memory at `ipa`: at most `size` bytes and never across a page, so that the
    /// lock, which keeps the memory mapped, is held for a bounded time.
    /// @param purpose for Write the guest itself must be allowed to write there
    /// @return the number of bytes passed to use(); Error::NotMapped, Error::OutOfRange, Error::Denied (not writable,
    /// or a device)
    template <typename Use>
    [[nodiscard]] Result<u64> with_memory(Ipa ipa, u64 size, Purpose purpose, Use use) const EXCLUDES(lock_) {
        return with_leaf(ipa, std::min(size, page_size - ipa.offset_in(page_size)), purpose, use);
    }

    /// The same with all that lies in one piece. Context: the caller bounds the size, and what use() does with it.
    template <typename Use>
    [[nodiscard]] Result<u64> with_leaf(Ipa ipa, u64 size, Purpose purpose, Use use) const EXCLUDES(lock_) {
        const Guard guard(lock_);
        const Leaf leaf = TRY(lookup_locked(ipa));
        if (leaf.type != MemoryType::Normal || (purpose == Purpose::Write && !can_write(leaf.access))) {
            return fail(Error::Denied);
        }
        const u64 bytes = std::min(size, leaf.remaining);
        use(direct_map(leaf.pa), bytes);
        return bytes;
    }

    /// Invalidates this VM's translations in all TLBs, stage 1 included.
    void invalidate_tlb() const;

    [[nodiscard]] u64 vttbr() const { return vttbr_; }
    [[nodiscard]] u64 vtcr() const { return vtcr_; }
    [[nodiscard]] u16 vmid() const { return vmid_.vmid(); }
    [[nodiscard]] FrameOwner owner() const { return owner_; }
    [[nodiscard]] unsigned ipa_bits() const { return ipa_bits_; }
    /// Frames that its tables use.
    [[nodiscard]] u64 table_frames() const EXCLUDES(lock_);

  private:
    Stage2(PageTable table, FramePool& pool, VmidLease vmid, FrameOwner owner, const arch::TranslationLimits& limits);
    [[nodiscard]] Result<Leaf> lookup_locked(Ipa ipa) const REQUIRES(lock_);
    [[nodiscard]] Result<void> check_output(PaRange output) const;

    mutable SpinLock lock_;
    PageTable table_ GUARDED_BY(lock_);
    const FrameTable* frames_;
    VmidLease vmid_;
    u64 vttbr_;
    u64 vtcr_;
    u8 ipa_bits_;
    u8 pa_bits_;
    FrameOwner owner_;
};

} // namespace trv::memory

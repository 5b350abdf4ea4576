// SPDX-License-Identifier: Apache-2.0
#pragma once
// A tree of VMSAv8-64 tables of either stage: maps, unmaps and looks up. It handles the descriptors' structure; Stage2
// and HostSpace define the attribute bits. For the same reason input addresses are plain numbers here.
//
// Every change is prepared, then committed. Preparing creates missing tables and splits blocks that are partly
// affected; neither changes a translation; it can fail. Committing writes only leaves; it cannot fail.
//
// The caller excludes other changes and look-ups. Hardware walks at any time: an entry goes from valid to valid only
// through replace(), which breaks before it makes [Arm ARM D8, break-before-make].

#include "arch/memory/page_table_format.hpp"
#include "memory/physical/frame_pool.hpp"

namespace trv::memory {

/// Invalidates TLB entries of one translation regime.
class TlbInvalidator {
  public:
    /// Returns when no CPU uses old translations of [input, input + size) any more, walk caches included.
    virtual void invalidate(u64 input, u64 size) const = 0;

  protected:
    ~TlbInvalidator() = default;
};

class PageTable {
  public:
    /// The translation of one address.
    struct Leaf {
        Pa output;     ///< of the given address
        u64 remaining; ///< bytes from there to the end of the leaf, at least 1
        u64 size;      ///< of the leaf: 4 KiB, 2 MiB or 1 GiB
        arch::LeafAttributes attributes;
    };

    constexpr PageTable() = default; ///< no table; only to be assigned to
    /// @return an empty tree; Error::NoMemory
    [[nodiscard]] static Result<PageTable> create(FramePool& pool, const arch::TableGeometry& geometry);

    PageTable(PageTable&& other) noexcept;
    PageTable& operator=(PageTable&& other) noexcept;
    PageTable(const PageTable&) = delete;
    PageTable& operator=(const PageTable&) = delete;
    /// Frees all tables. Precondition: no CPU walks them, and no TLB has entries from them.
    ~PageTable();

    /// Maps with the largest leaves that alignment and size allow.
    /// @param input,output,size page-aligned, not empty
    /// @return nothing changes on Error::AlreadyMapped (any part), Error::NoMemory, Error::Misaligned,
    /// Error::OutOfRange,
    ///         Error::Invalid
    /// Context: cost grows with the number of leaves and tables.
    [[nodiscard]] Result<void> map(u64 input, Pa output, u64 size, arch::LeafAttributes attributes,
                                   const TlbInvalidator& tlb);

    /// Unmaps. When it returns, no CPU uses the mappings any more. Tables that become empty are freed.
    /// @return nothing changes on Error::NotMapped (any part), Error::NoMemory (for a split), Error::Misaligned,
    ///         Error::OutOfRange, Error::Invalid
    [[nodiscard]] Result<void> unmap(u64 input, u64 size, const TlbInvalidator& tlb);

    /// @return Error::NotMapped, Error::OutOfRange
    [[nodiscard]] Result<Leaf> lookup(u64 input) const;

    [[nodiscard]] Pa root() const { return root_; }
    [[nodiscard]] const arch::TableGeometry& geometry() const { return geometry_; }
    /// Frames that the tables use.
    [[nodiscard]] u64 table_frames() const { return table_frames_; }

  private:
    struct Entry {
        u64* slot;
        unsigned level;
        arch::Descriptor descriptor;
    };
    struct Mapping; // the arguments of map()

    [[nodiscard]] Result<void> check_range(u64 input, u64 size) const;
    [[nodiscard]] u64* root_slot(u64 input) const;
    [[nodiscard]] Entry walk(u64 input, unsigned deepest = arch::last_level) const;
    [[nodiscard]] Result<Pa> new_table();
    void free_table(Pa table);
    [[nodiscard]] Result<void> prepare_map(const Mapping& mapping);
    void commit_map(const Mapping& mapping);
    [[nodiscard]] Result<void> check_mapped(u64 input, u64 size) const;
    template <typename Visit>
    void for_each_entry(u64 input, u64 size, unsigned level, Visit visit) const;
    [[nodiscard]] Result<void> split_at(u64 boundary, const TlbInvalidator& tlb);
    [[nodiscard]] Result<void> split(const Entry& entry, u64 input, const TlbInvalidator& tlb);
    static void replace(const Entry& entry, arch::Descriptor with, u64 input, const TlbInvalidator& tlb);
    void commit_unmap(u64 input, u64 size, const TlbInvalidator& tlb);
    [[nodiscard]] bool retire_empty_tables(u64 input, u64 size, unsigned level);
    void free_retired_tables(u64 input, u64 size, unsigned level);
    void prune(u64 input, u64 size, const TlbInvalidator& tlb);
    void free_all();

    FramePool* pool_ = nullptr;
    Pa root_;
    arch::TableGeometry geometry_{};
    u64 table_frames_ = 0;
};

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#include "memory/translation/page_table.hpp"

#include "arch/memory/cache.hpp"
#include "arch/memory/tlb.hpp"
#include "lib/checked.hpp"
#include "memory/physical/direct_map.hpp"

#include <atomic>

namespace trv::memory {

using arch::Descriptor;
using arch::last_level;
using arch::level_size;

namespace {

Descriptor load(u64* slot) {
    return Descriptor(std::atomic_ref<u64>(*slot).load(std::memory_order_relaxed));
}

/// Release: a table is filled before walks can find it.
void store(u64* slot, Descriptor descriptor) {
    std::atomic_ref<u64>(*slot).store(descriptor.bits(), std::memory_order_release);
}

u64* slot_in(Pa table, unsigned level, u64 input) {
    return direct_map<u64>(table) + ((input >> arch::level_shift(level)) % arch::table_entries);
}

bool is_empty(Pa table) {
    u64* const slots = direct_map<u64>(table);
    for (unsigned i = 0; i < arch::table_entries; ++i) {
        if (load(slots + i).is_valid()) {
            return false;
        }
    }
    return true;
}

/// The end of the range that this level's entry for `input` covers.
u64 entry_end(u64 input, unsigned level) {
    return align_down(input, level_size(level)) + level_size(level);
}

} // namespace

struct PageTable::Mapping {
    u64 input;
    Pa output;
    u64 size;
    arch::LeafAttributes attributes;

    [[nodiscard]] u64 end() const { return input + size; }
    [[nodiscard]] Pa output_at(u64 at) const { return output + (at - input); }
    /// Whether the remaining range from `at` on can begin with a leaf of this level.
    [[nodiscard]] bool fits(u64 at, unsigned level) const {
        const u64 leaf = level_size(level);
        return arch::level_has_leaves(level) && is_aligned(at, leaf) && output_at(at).is_aligned(leaf) &&
               end() - at >= leaf;
    }
};

Result<PageTable> PageTable::create(FramePool& pool, const arch::TableGeometry& geometry) {
    Frames root = TRY(pool.allocate(geometry.root_order, FrameOwner::Hypervisor));
    const PaRange range = root.release();
    arch::zero_pages(direct_map(range.base), range.size);
    PageTable table;
    table.pool_ = &pool;
    table.root_ = range.base;
    table.geometry_ = geometry;
    table.table_frames_ = range.size >> page_shift;
    return table;
}

PageTable::PageTable(PageTable&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), root_(other.root_), geometry_(other.geometry_),
      table_frames_(other.table_frames_) {}

PageTable& PageTable::operator=(PageTable&& other) noexcept {
    if (this != &other) {
        free_all();
        pool_ = std::exchange(other.pool_, nullptr);
        root_ = other.root_;
        geometry_ = other.geometry_;
        table_frames_ = other.table_frames_;
    }
    return *this;
}

PageTable::~PageTable() {
    free_all();
}

Result<void> PageTable::check_range(u64 input, u64 size) const {
    if (size == 0) {
        return fail(Error::Invalid);
    }
    if (!is_aligned(input | size, page_size)) {
        return fail(Error::Misaligned);
    }
    const u64 limit = u64{1} << geometry_.input_bits;
    if (input >= limit || size > limit - input) {
        return fail(Error::OutOfRange);
    }
    return {};
}

u64* PageTable::root_slot(u64 input) const {
    // Concatenated root tables are one array.
    return direct_map<u64>(root_) + (input >> arch::level_shift(geometry_.start_level));
}

PageTable::Entry PageTable::walk(u64 input, unsigned deepest) const {
    Entry entry{root_slot(input), geometry_.start_level, {}};
    for (;;) {
        entry.descriptor = load(entry.slot);
        if (entry.level == deepest || !entry.descriptor.is_table(entry.level)) {
            return entry;
        }
        ++entry.level;
        entry.slot = slot_in(entry.descriptor.output(), entry.level, input);
    }
}

/// Calls visit(entry, input) for the entries of one level in a range, those of lower numbers where the tree ends
/// earlier.
template <typename Visit>
void PageTable::for_each_entry(u64 input, u64 size, unsigned level, Visit visit) const {
    for (u64 at = input; at < input + size;) {
        const Entry entry = walk(at, level);
        visit(entry, at);
        at = entry_end(at, entry.level);
    }
}

Result<Pa> PageTable::new_table() {
    Frames frame = TRY(pool_->allocate(0, FrameOwner::Hypervisor));
    const PaRange range = frame.release();
    arch::zero_pages(direct_map(range.base), range.size);
    ++table_frames_;
    return range.base;
}

void PageTable::free_table(Pa table) {
    MUST(pool_->give_back({table, page_size}, FrameOwner::Hypervisor));
    --table_frames_;
}

Result<void> PageTable::map(u64 input, Pa output, u64 size, arch::LeafAttributes attributes,
                            const TlbInvalidator& tlb) {
    TRY(check_range(input, size));
    if (!output.is_aligned(page_size)) {
        return fail(Error::Misaligned);
    }
    constexpr u64 output_limit = u64{1} << 48;
    if (output.value >= output_limit || size > output_limit - output.value) {
        return fail(Error::OutOfRange);
    }
    const Mapping mapping{input, output, size, attributes};
    if (Result<void> prepared = prepare_map(mapping); !prepared) {
        prune(input, size, tlb);
        return prepared;
    }
    commit_map(mapping);
    return {};
}

Result<void> PageTable::prepare_map(const Mapping& mapping) {
    for (u64 at = mapping.input; at < mapping.end();) {
        const Entry entry = walk(at);
        if (entry.descriptor.is_valid()) {
            return fail(Error::AlreadyMapped);
        }
        if (mapping.fits(at, entry.level)) {
            at += level_size(entry.level);
        } else {
            store(entry.slot, Descriptor::to_table(TRY(new_table())));
        }
    }
    return {};
}

void PageTable::commit_map(const Mapping& mapping) {
    for (u64 at = mapping.input; at < mapping.end();) {
        const Entry entry = walk(at);
        ASSERT(mapping.fits(at, entry.level));
        store(entry.slot, Descriptor::to_memory(mapping.output_at(at), entry.level, mapping.attributes));
        at += level_size(entry.level);
    }
    arch::publish_tables();
}

Result<void> PageTable::unmap(u64 input, u64 size, const TlbInvalidator& tlb) {
    TRY(check_range(input, size));
    TRY(check_mapped(input, size));
    TRY(split_at(input, tlb));
    TRY(split_at(input + size, tlb));
    commit_unmap(input, size, tlb);
    prune(input, size, tlb);
    return {};
}

Result<void> PageTable::check_mapped(u64 input, u64 size) const {
    bool mapped = true;
    for_each_entry(input, size, last_level,
                   [&](const Entry& entry, u64) { mapped = mapped && entry.descriptor.is_valid(); });
    return mapped ? Result<void>{} : fail(Error::NotMapped);
}

Result<void> PageTable::split_at(u64 boundary, const TlbInvalidator& tlb) {
    if (boundary >> geometry_.input_bits != 0) {
        return {};
    }
    // At most from 1 GiB to 2 MiB to 4 KiB.
    for (;;) {
        const Entry entry = walk(boundary);
        if (!entry.descriptor.is_valid() || is_aligned(boundary, level_size(entry.level))) {
            return {};
        }
        TRY(split(entry, align_down(boundary, level_size(entry.level)), tlb));
    }
}

Result<void> PageTable::split(const Entry& entry, u64 input, const TlbInvalidator& tlb) {
    const Pa table = TRY(new_table());
    const unsigned level = entry.level + 1;
    for (unsigned i = 0; i < arch::table_entries; ++i) {
        const Pa output = entry.descriptor.output() + i * level_size(level);
        store(direct_map<u64>(table) + i, Descriptor::to_memory(output, level, entry.descriptor.attributes()));
    }
    replace(entry, Descriptor::to_table(table), input, tlb);
    return {};
}

/// Break, then make: were both valid in turn, a TLB could hold the block and a page of it at once, which is an error
/// [Arm ARM D8, break-before-make].
void PageTable::replace(const Entry& entry, Descriptor with, u64 input, const TlbInvalidator& tlb) {
    store(entry.slot, Descriptor());
    arch::publish_tables();
    tlb.invalidate(input, level_size(entry.level));
    store(entry.slot, with);
    arch::publish_tables();
}

void PageTable::commit_unmap(u64 input, u64 size, const TlbInvalidator& tlb) {
    for_each_entry(input, size, last_level, [](const Entry& entry, u64) { store(entry.slot, Descriptor()); });
    arch::publish_tables();
    tlb.invalidate(input, size);
}

/// Frees empty tables. A table must stay unchanged until no CPU has it in a walk cache. Its address stays in the entry
/// until then, so one invalidation per level is enough for any number of tables.
void PageTable::prune(u64 input, u64 size, const TlbInvalidator& tlb) {
    for (unsigned level = last_level; level-- > geometry_.start_level;) {
        if (!retire_empty_tables(input, size, level)) {
            continue;
        }
        arch::publish_tables();
        tlb.invalidate(input, size);
        free_retired_tables(input, size, level);
    }
}

bool PageTable::retire_empty_tables(u64 input, u64 size, unsigned level) {
    bool any = false;
    for_each_entry(input, size, level, [&](const Entry& entry, u64) {
        if (entry.level == level && entry.descriptor.is_table(level) && is_empty(entry.descriptor.output())) {
            store(entry.slot, Descriptor::retired(entry.descriptor.output()));
            any = true;
        }
    });
    return any;
}

void PageTable::free_retired_tables(u64 input, u64 size, unsigned level) {
    for_each_entry(input, size, level, [&](const Entry& entry, u64) {
        if (entry.level == level && entry.descriptor.is_retired()) {
            store(entry.slot, Descriptor());
            free_table(entry.descriptor.output());
        }
    });
}

Result<PageTable::Leaf> PageTable::lookup(u64 input) const {
    if (input >> geometry_.input_bits != 0) {
        return fail(Error::OutOfRange);
    }
    const Entry entry = walk(input);
    if (!entry.descriptor.is_valid()) {
        return fail(Error::NotMapped);
    }
    const u64 size = level_size(entry.level);
    const u64 offset = input % size;
    return Leaf{entry.descriptor.output() + offset, size - offset, size, entry.descriptor.attributes()};
}

void PageTable::free_all() {
    if (pool_ == nullptr) {
        return;
    }
    // From the leaves' tables up, so that no freed table is used to reach another.
    for (unsigned level = last_level; level-- > geometry_.start_level;) {
        for_each_entry(0, u64{1} << geometry_.input_bits, level, [&](const Entry& entry, u64) {
            if (entry.level == level && entry.descriptor.is_table(level)) {
                store(entry.slot, Descriptor());
                free_table(entry.descriptor.output());
            }
        });
    }
    MUST(pool_->give_back({root_, block_size(geometry_.root_order)}, FrameOwner::Hypervisor));
    pool_ = nullptr;
    table_frames_ = 0;
}

} // namespace trv::memory

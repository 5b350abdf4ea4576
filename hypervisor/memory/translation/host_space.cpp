// SPDX-License-Identifier: Apache-2.0
#include "memory/translation/host_space.hpp"

#include "arch/memory/tlb.hpp"
#include "memory/physical/ram_map.hpp"

#include <bit>

namespace trv::memory {

using arch::HostAccess;
using arch::MemoryType;

namespace {

class HostTlb final : public TlbInvalidator {
  public:
    void invalidate(u64 input, u64 size) const override { arch::invalidate_host(Va(input), size); }
};

constexpr u64 block_2m = arch::level_size(2);
constexpr unsigned max_stack_pages = 64;

Result<void> map_identity(PageTable& table, PaRange range, HostAccess access) {
    constexpr Va limit = HostSpace::window_base;
    if (range.base.value >= limit.value || range.size > limit.value - range.base.value) {
        return fail(Error::OutOfRange);
    }
    return table.map(range.base.value, range.base, range.size, arch::host_attributes(MemoryType::Normal, access),
                     HostTlb());
}

/// Maps all RAM except holes and image, then the image's sections.
Result<void> map_ram(PageTable& table, std::span<const PaRange> ram, std::span<const PaRange> no_map,
                     const ImageLayout& image) {
    const PaRange sections[] = {image.text, image.rodata, image.data};
    const auto map_gap = [&](PaRange gap) { return map_identity(table, gap, HostAccess::ReadWrite); };
    for (const PaRange& bank : ram) {
        TRY(for_each_gap(bank, no_map,
                         [&](PaRange gap) { return for_each_gap(gap, std::span<const PaRange>(sections), map_gap); }));
    }
    TRY(map_identity(table, image.text, image.guarded_text ? HostAccess::ReadExecuteGuarded : HostAccess::ReadExecute));
    TRY(map_identity(table, image.rodata, HostAccess::ReadOnly));
    return map_identity(table, image.data, HostAccess::ReadWrite);
}

} // namespace

Result<HostSpace> HostSpace::create(FramePool& pool, std::span<const PaRange> ram, std::span<const PaRange> no_map,
                                    const ImageLayout& image, const arch::TranslationLimits& limits) {
    PageTable table = TRY(PageTable::create(pool, arch::host_geometry));
    TRY(map_ram(table, ram, no_map, image));
    return HostSpace(std::move(table), pool, limits);
}

HostSpace::HostSpace(PageTable table, FramePool& pool, const arch::TranslationLimits& limits)
    : table_(std::move(table)), pool_(&pool), ttbr0_(table_.root().value),
      tcr_(arch::tcr_value(table_.geometry(), limits.pa_bits)), pa_bits_(static_cast<u8>(limits.pa_bits)) {}

HostSpace::HostSpace(HostSpace&& other) noexcept
    : pool_(other.pool_), ttbr0_(other.ttbr0_), tcr_(other.tcr_), pa_bits_(other.pa_bits_) {
    const Guard guard(other.lock_);
    table_ = std::move(other.table_);
    next_ = other.next_;
}

Result<Va> HostSpace::map_in_window(PaRange pages, MemoryType type) {
    // One page stays unmapped below every mapping. Large mappings have the same offset within 2 MiB as their memory, so
    // that blocks can be used.
    Va va = next_ + page_size;
    if (pages.size >= block_2m) {
        va += (pages.base.value - va.value) % block_2m;
    }
    if (va >= window_end || pages.size > window_end - va) {
        return fail(Error::NoMemory);
    }
    TRY(table_.map(va.value, pages.base, pages.size, arch::host_attributes(type, HostAccess::ReadWrite), HostTlb()));
    next_ = va + pages.size;
    return va;
}

Result<Va> HostSpace::map_device(PaRange registers) {
    const u64 limit = u64{1} << pa_bits_;
    if (registers.empty()) {
        return fail(Error::Invalid);
    }
    if (registers.base.value >= limit || registers.size > limit - registers.base.value) {
        return fail(Error::OutOfRange);
    }
    const PaRange pages = pages_around(registers);
    if (!pool_->table().is_outside(pages)) {
        return fail(Error::Denied);
    }
    const Guard guard(lock_);
    return TRY(map_in_window(pages, MemoryType::Device)) + (registers.base - pages.base);
}

Result<Va> HostSpace::allocate_stack(unsigned pages) {
    if (!std::has_single_bit(pages) || pages > max_stack_pages) {
        return fail(Error::Invalid);
    }
    Frames frames = TRY(pool_->allocate(order_for(pages * page_size), FrameOwner::Hypervisor));
    const Guard guard(lock_);
    const Va bottom = TRY(map_in_window(frames.range(), MemoryType::Normal));
    return bottom + frames.release().size;
}

bool HostSpace::is_guard_page(Va va) const {
    const Guard guard(lock_);
    if (va < window_base || va >= next_ || table_.lookup(va.value)) {
        return false;
    }
    const Result<PageTable::Leaf> above = table_.lookup(va.value + page_size);
    return above && above->attributes == arch::host_attributes(MemoryType::Normal, HostAccess::ReadWrite);
}

Result<PageTable::Leaf> HostSpace::lookup(Va va) const {
    const Guard guard(lock_);
    return table_.lookup(va.value);
}

u64 HostSpace::table_frames() const {
    const Guard guard(lock_);
    return table_.table_frames();
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#include "memory/translation/stage2.hpp"

#include "arch/memory/tlb.hpp"

namespace trv::memory {

namespace {

class GuestTlb final : public TlbInvalidator {
  public:
    explicit GuestTlb(u64 vttbr) : vttbr_(vttbr) {}
    void invalidate(u64 input, u64 size) const override { arch::invalidate_stage2(vttbr_, Ipa(input), size); }

  private:
    u64 vttbr_;
};

} // namespace

Result<Stage2> Stage2::create(FramePool& pool, VmidLease vmid, FrameOwner owner, unsigned ipa_bits,
                              const arch::TranslationLimits& limits) {
    const arch::TableGeometry geometry = TRY(arch::stage2_geometry(ipa_bits, limits.pa_bits));
    return Stage2(TRY(PageTable::create(pool, geometry)), pool, std::move(vmid), owner, limits);
}

Stage2::Stage2(PageTable table, FramePool& pool, VmidLease vmid, FrameOwner owner,
               const arch::TranslationLimits& limits)
    : table_(std::move(table)), frames_(&pool.table()), vmid_(std::move(vmid)),
      vttbr_(arch::vttbr_value(table_.root(), vmid_.vmid())), vtcr_(arch::vtcr_value(table_.geometry(), limits)),
      ipa_bits_(static_cast<u8>(table_.geometry().input_bits)), pa_bits_(static_cast<u8>(limits.pa_bits)),
      owner_(owner) {}

Stage2::Stage2(Stage2&& other) noexcept
    : frames_(other.frames_), vmid_(std::move(other.vmid_)), vttbr_(other.vttbr_), vtcr_(other.vtcr_),
      ipa_bits_(other.ipa_bits_), pa_bits_(other.pa_bits_), owner_(other.owner_) {
    const Guard guard(other.lock_);
    table_ = std::move(other.table_);
}

Stage2::~Stage2() {
    // The tables' frames are reused next: no walk cache may refer to them.
    if (vmid_.vmid() != 0) {
        invalidate_tlb();
    }
}

Result<void> Stage2::check_output(PaRange output) const {
    const u64 limit = u64{1} << pa_bits_;
    if (output.base.value >= limit || output.size > limit - output.base.value) {
        return fail(Error::OutOfRange);
    }
    return {};
}

Result<void> Stage2::map(IpaRange range, Pa pa, Access access) {
    if (range.empty()) {
        return fail(Error::Invalid);
    }
    TRY(check_output({pa, range.size}));
    TRY(frames_->check_owner({pa, range.size}, owner_));
    const Guard guard(lock_);
    return table_.map(range.base.value, pa, range.size, arch::stage2_attributes(MemoryType::Normal, access),
                      GuestTlb(vttbr_));
}

Result<void> Stage2::map_lent(Ipa ipa, FrameRun lent) {
    const PaRange range = lent.range();
    if (range.empty()) {
        return fail(Error::Invalid);
    }
    TRY(check_output(range));
    // It may execute there: its kernel may use the memory for anything when it has no other left.
    if (!frames_->is_lent(range) || frames_->check_owner(range, owner_)) {
        return fail(Error::NotOwned);
    }
    const Guard guard(lock_);
    return table_.map(ipa.value, range.base, range.size,
                      arch::stage2_attributes(MemoryType::Normal, Access::ReadWriteExecute), GuestTlb(vttbr_));
}

Result<void> Stage2::map_device(Ipa ipa, const DeviceLease& device) {
    if (device.owner() != owner_) {
        return fail(Error::NotOwned);
    }
    const PaRange range = device.range(); // outside RAM, which the device table has checked
    TRY(check_output(range));
    const Guard guard(lock_);
    return table_.map(ipa.value, range.base, range.size, arch::stage2_attributes(MemoryType::Device, Access::ReadWrite),
                      GuestTlb(vttbr_));
}

Result<void> Stage2::map_cpu_registers(Ipa ipa, Pa registers) {
    TRY(check_output({registers, page_size}));
    const Guard guard(lock_);
    return table_.map(ipa.value, registers, page_size, arch::stage2_attributes(MemoryType::Device, Access::ReadWrite),
                      GuestTlb(vttbr_));
}

Result<void> Stage2::unmap(IpaRange range) {
    const Guard guard(lock_);
    return table_.unmap(range.base.value, range.size, GuestTlb(vttbr_));
}

Result<Stage2::Leaf> Stage2::lookup(Ipa ipa) const {
    const Guard guard(lock_);
    return lookup_locked(ipa);
}

Result<Stage2::Leaf> Stage2::lookup_locked(Ipa ipa) const {
    const PageTable::Leaf leaf = TRY(table_.lookup(ipa.value));
    return Leaf{leaf.output, leaf.remaining, leaf.size, arch::stage2_access(leaf.attributes),
                arch::stage2_memory_type(leaf.attributes)};
}

void Stage2::invalidate_tlb() const {
    arch::invalidate_vm(vttbr_);
}

u64 Stage2::table_frames() const {
    const Guard guard(lock_);
    return table_.table_frames();
}

} // namespace trv::memory

// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/frame_table.hpp"

#include "arch/memory/cache.hpp"
#include "memory/physical/direct_map.hpp"

namespace trv::memory {

namespace {

/// Physical addresses have at most 48 bits (arch/memory/page_table_format.hpp).
constexpr Pa ram_limit{u64{1} << 48};

} // namespace

// Pairs with the release in store() and unpin_one(): a CPU that sees a new owner also sees what the former owner left:
// zeros.
FrameWord FrameTable::load(const Bank& bank, Pa pa) {
    return FrameWord(std::atomic_ref<u32>(*word_at(bank, pa)).load(std::memory_order_acquire));
}

void FrameTable::store(const Bank& bank, Pa pa, FrameWord word) {
    std::atomic_ref<u32>(*word_at(bank, pa)).store(word.bits(), std::memory_order_release);
}

/// Merges adjacent ranges: an owner of consecutive frames sees no border between them.
Result<void> FrameTable::add_bank(PaRange bank) {
    if (bank.base >= ram_limit || bank.size > ram_limit - bank.base || !is_outside(bank)) {
        return fail(Error::Invalid);
    }
    for (unsigned i = 0; i < bank_count_;) {
        const PaRange other = banks_[i].range;
        if (other.end() == bank.base || bank.end() == other.base) {
            bank = {std::min(bank.base, other.base), bank.size + other.size};
            banks_[i] = banks_[--bank_count_];
        } else {
            ++i;
        }
    }
    if (bank_count_ == max_banks) {
        return fail(Error::TooMany);
    }
    banks_[bank_count_++].range = bank;
    return {};
}

Result<void> FrameTable::add_banks(std::span<const PaRange> banks) {
    for (const PaRange& given : banks) {
        const PaRange bank = pages_inside(given);
        if (!bank.empty()) {
            TRY(add_bank(bank));
        }
    }
    if (bank_count_ == 0) {
        return fail(Error::Invalid);
    }
    return {};
}

Result<PaRange> FrameTable::find_storage(const RamMap& map, u64 bytes) const {
    // The smallest sufficient gap: large ones stay whole for virtual machines.
    PaRange best;
    const auto consider = [&](PaRange gap) -> Result<void> {
        if (gap.size >= bytes && (best.empty() || gap.size < best.size)) {
            best = gap;
        }
        return {};
    };
    TRY(for_each_free(map, consider));
    if (best.empty()) {
        return fail(Error::NoMemory);
    }
    return PaRange{best.base, bytes};
}

Result<void> FrameTable::start(const RamMap& map) {
    TRY(add_banks(map.banks));
    const u64 total = frames();
    storage_ = TRY(find_storage(map, align_up(total * sizeof(FrameWord), page_size)));
    arch::zero_pages(direct_map(storage_.base), storage_.size);
    u32* words = direct_map<u32>(storage_.base);
    for (unsigned i = 0; i < bank_count_; ++i) {
        banks_[i].words = words;
        words += banks_[i].range.size >> page_shift;
    }
    count_of(FrameOwner::Free).frames.store(static_cast<u32>(total), std::memory_order_relaxed);
    take({Pa(0), page_size}, FrameOwner::Reserved);
    take(storage_, FrameOwner::Hypervisor);
    for (const TakenRange& taken : map.taken) {
        if (!taken.range.empty()) {
            take(pages_around(taken.range), taken.owner);
        }
    }
    return {};
}

void FrameTable::take(PaRange range, FrameOwner owner) {
    for (unsigned i = 0; i < bank_count_; ++i) {
        const Bank& bank = banks_[i];
        const Pa end = std::min(range.end(), bank.range.end());
        for (Pa pa = std::max(range.base, bank.range.base); pa < end; pa += page_size) {
            if (load(bank, pa).owner() == FrameOwner::Free) {
                store(bank, pa, FrameWord(owner));
                count_moved(FrameOwner::Free, owner, 1);
            }
        }
    }
}

void FrameTable::count_moved(FrameOwner from, FrameOwner to, u64 frames) {
    // Relaxed: these are statistics; no decision depends on them.
    count_of(from).frames.fetch_sub(static_cast<u32>(frames), std::memory_order_relaxed);
    count_of(to).frames.fetch_add(static_cast<u32>(frames), std::memory_order_relaxed);
}

Result<FrameOwner> FrameTable::owner_of(Pa pa) const {
    const Bank* const bank = bank_of({pa, 1});
    if (bank == nullptr) {
        return fail(Error::OutOfRange);
    }
    return load(*bank, pa).owner();
}

Result<void> FrameTable::check_owner(PaRange range, FrameOwner owner) const {
    if (range.empty()) {
        return fail(Error::Invalid);
    }
    const Bank* const bank = bank_of(range);
    if (bank == nullptr) {
        return fail(Error::OutOfRange);
    }
    for (Pa pa = range.base.align_down(page_size); pa < range.end(); pa += page_size) {
        if (load(*bank, pa).owner() != owner) {
            return fail(Error::NotOwned);
        }
    }
    return {};
}

bool FrameTable::is_outside(PaRange range) const {
    for (unsigned i = 0; i < bank_count_; ++i) {
        if (banks_[i].range.overlaps(range)) {
            return false;
        }
    }
    return true;
}

Result<void> FrameTable::lend_one(u32& frame, FrameOwner owner) {
    const std::atomic_ref<u32> word(frame);
    u32 seen = word.load(std::memory_order_relaxed);
    do {
        if (FrameWord(seen).owner() != owner) {
            return fail(Error::NotOwned);
        }
        if (FrameWord(seen).is_lent()) {
            return fail(Error::Busy);
        }
        if (FrameWord(seen).pins() == 0) {
            return fail(Error::Invalid);
        }
    } while (!word.compare_exchange_weak(seen, FrameWord(seen).with_loan().bits(), std::memory_order_acquire,
                                         std::memory_order_relaxed));
    return {};
}

void FrameTable::take_back_one(u32& frame) {
    const std::atomic_ref<u32> word(frame);
    u32 seen = word.load(std::memory_order_relaxed);
    do {
        ASSERT(FrameWord(seen).is_lent() && FrameWord(seen).pins() != 0);
        // Release: what the borrower did there precedes the next loan.
    } while (!word.compare_exchange_weak(seen, FrameWord(seen).without_loan().bits(), std::memory_order_release,
                                         std::memory_order_relaxed));
}

Result<void> FrameTable::lend(FrameRun run, FrameOwner owner) {
    if (run.count == 0) {
        return fail(Error::Invalid);
    }
    if (!run.first.is_aligned(page_size)) {
        return fail(Error::Misaligned);
    }
    if (!is_vm(owner)) {
        return fail(Error::NotOwned);
    }
    const Bank* const bank = bank_of(run.range());
    if (bank == nullptr) {
        return fail(Error::OutOfRange);
    }
    u32* const words = word_at(*bank, run.first);
    for (u32 i = 0; i < run.count; ++i) {
        if (Result<void> lent = lend_one(words[i], owner); !lent) {
            for (u32 undo = 0; undo < i; ++undo) {
                take_back_one(words[undo]);
            }
            return lent;
        }
    }
    return {};
}

void FrameTable::take_back(FrameRun run) {
    const Bank* const bank = bank_of(run.range());
    ASSERT(bank != nullptr && run.count > 0);
    u32* const words = word_at(*bank, run.first);
    for (u32 i = 0; i < run.count; ++i) {
        take_back_one(words[i]);
    }
}

bool FrameTable::is_lent(PaRange range) const {
    const Bank* const bank = range.empty() ? nullptr : bank_of(range);
    if (bank == nullptr) {
        return false;
    }
    for (Pa pa = range.base.align_down(page_size); pa < range.end(); pa += page_size) {
        if (!load(*bank, pa).is_lent()) {
            return false;
        }
    }
    return true;
}

u32 FrameTable::pins_on(Pa pa) const {
    const Bank* const bank = bank_of({pa, 1});
    return bank != nullptr ? load(*bank, pa).pins() : 0;
}

u64 FrameTable::frames_of(FrameOwner owner) const {
    return count_of(owner).frames.load(std::memory_order_relaxed);
}
u64 FrameTable::pins_of(FrameOwner owner) const {
    return count_of(owner).pins.load(std::memory_order_relaxed);
}

u64 FrameTable::frames() const {
    u64 total = 0;
    for (unsigned i = 0; i < bank_count_; ++i) {
        total += banks_[i].range.size >> page_shift;
    }
    return total;
}

void FrameTable::hand_out(PaRange block, unsigned order, FrameOwner owner) {
    const Bank& bank = *bank_of(block);
    store(bank, block.base, FrameWord(owner).as_head(order));
    for (Pa pa = block.base + page_size; pa < block.end(); pa += page_size) {
        store(bank, pa, FrameWord(owner));
    }
    count_moved(FrameOwner::Free, owner, block.size >> page_shift);
}

Result<void> FrameTable::begin_leaving(PaRange range, FrameOwner owner) {
    const Bank* const bank = bank_of(range);
    if (bank == nullptr) {
        return fail(Error::OutOfRange);
    }
    for (Pa pa = range.base; pa < range.end(); pa += page_size) {
        const std::atomic_ref<u32> word(*word_at(*bank, pa));
        u32 seen = word.load(std::memory_order_relaxed);
        Result<void> left;
        do {
            if (FrameWord(seen).owner() != owner) {
                left = fail(Error::NotOwned);
                break;
            }
            if (FrameWord(seen).pins() != 0) {
                left = fail(Error::Busy);
                break;
            }
            // Acquire pairs with unpin_one().
        } while (!word.compare_exchange_weak(seen, FrameWord(seen).owned_by(FrameOwner::Leaving).bits(),
                                             std::memory_order_acquire, std::memory_order_relaxed));
        if (!left) {
            // No other code touches Leaving frames: plain stores bring the others back.
            for (Pa undo = range.base; undo < pa; undo += page_size) {
                store(*bank, undo, load(*bank, undo).owned_by(owner));
            }
            return left;
        }
    }
    count_moved(owner, FrameOwner::Leaving, range.size >> page_shift);
    return {};
}

void FrameTable::end_leaving(PaRange range) {
    const Bank& bank = *bank_of(range);
    for (Pa pa = range.base; pa < range.end(); pa += page_size) {
        store(bank, pa, FrameWord());
    }
    count_moved(FrameOwner::Leaving, FrameOwner::Free, range.size >> page_shift);
}

void FrameTable::set_free_head(Pa block, unsigned order) {
    store(*bank_of({block, page_size}), block, FrameWord(FrameOwner::Free).as_head(order));
}

void FrameTable::clear_free_head(Pa block) {
    store(*bank_of({block, page_size}), block, FrameWord());
}

bool FrameTable::is_free_head(Pa block, unsigned order) const {
    const Bank* const bank = bank_of({block, page_size});
    return bank != nullptr && load(*bank, block).bits() == FrameWord(FrameOwner::Free).as_head(order).bits();
}

unsigned FrameTable::order_of_block(Pa block) const {
    const Bank* const bank = bank_of({block, page_size});
    ASSERT(bank != nullptr && load(*bank, block).is_head());
    return load(*bank, block).order();
}

} // namespace trv::memory

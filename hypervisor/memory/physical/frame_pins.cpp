// SPDX-License-Identifier: Apache-2.0
// Pins: the part of the frame table that each call into OP-TEE uses, a frame at a time.

#include "memory/physical/frame_table.hpp"

namespace trv::memory {

namespace {

constexpr bool may_be_pinned(FrameOwner owner) {
    return owner != FrameOwner::Free && owner != FrameOwner::Leaving;
}

} // namespace

inline Result<void> FrameTable::pin_one(u32& frame, FrameOwner owner) {
    const std::atomic_ref<u32> word(frame);
    u32 seen = word.load(std::memory_order_relaxed);
    do {
        if (FrameWord(seen).owner() != owner) {
            return fail(Error::NotOwned);
        }
        if (FrameWord(seen).pins() == FrameWord::max_pins) {
            return fail(Error::TooMany);
        }
        // Acquire pairs with store(): the frame's contents are this owner's.
    } while (!word.compare_exchange_weak(seen, FrameWord(seen).with_pin().bits(), std::memory_order_acquire,
                                         std::memory_order_relaxed));
    return {};
}

inline void FrameTable::unpin_one(u32& frame) {
    const std::atomic_ref<u32> word(frame);
    u32 seen = word.load(std::memory_order_relaxed);
    do {
        ASSERT(FrameWord(seen).pins() > 0);
        // Release pairs with begin_leaving(): all use under the pin precedes the scrubbing.
    } while (!word.compare_exchange_weak(seen, FrameWord(seen).without_pin().bits(), std::memory_order_release,
                                         std::memory_order_relaxed));
}

inline void FrameTable::unpin_words(u32* words, u32 count) {
    for (u32 i = 0; i < count; ++i) {
        unpin_one(words[i]);
    }
}

/// Null outside RAM.
inline u32* FrameTable::words_of(FrameRun run) const {
    const Bank* const bank = bank_of(run.range());
    return bank != nullptr ? word_at(*bank, run.first) : nullptr;
}

Result<void> FrameTable::pin(FrameRun run, FrameOwner owner) {
    if (run.count == 0) {
        return fail(Error::Invalid);
    }
    if (!run.first.is_aligned(page_size)) {
        return fail(Error::Misaligned);
    }
    u32* const words = words_of(run);
    if (words == nullptr) {
        return fail(Error::OutOfRange);
    }
    if (!may_be_pinned(owner)) {
        return fail(Error::NotOwned);
    }
    for (u32 i = 0; i < run.count; ++i) {
        if (Result<void> pinned = pin_one(words[i], owner); !pinned) {
            unpin_words(words, i);
            return pinned;
        }
    }
    count_of(owner).pins.fetch_add(run.count, std::memory_order_relaxed);
    return {};
}

Result<void> FrameTable::pin(std::span<const FrameRun> runs, FrameOwner owner) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (Result<void> pinned = pin(runs[i], owner); !pinned) {
            for (const FrameRun& undo : runs.first(i)) {
                unpin(undo);
            }
            return pinned;
        }
    }
    return {};
}

void FrameTable::unpin(FrameRun run) {
    u32* const words = words_of(run);
    ASSERT(words != nullptr && run.count > 0);
    // The owner cannot have changed since the pin; it may once the last frame is unpinned.
    count_of(FrameWord(__atomic_load_n(words, __ATOMIC_RELAXED)).owner())
        .pins.fetch_sub(run.count, std::memory_order_relaxed);
    unpin_words(words, run.count);
}

} // namespace trv::memory

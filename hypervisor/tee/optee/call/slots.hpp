// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's calls in slots. The ownership of a slot is in one atomic word: if two CPUs try to continue the same call, one
// succeeds.

#include "lib/log.hpp"
#include "lib/types.hpp"
#include "tee/optee/call/call.hpp"
#include "tee/optee/config.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <span>

namespace trv::tee::optee {

enum class SlotState : u8 {
    Free,
    Running,    ///< one CPU owns it
    AwaitGuest, ///< the guest has its token
    Orphan,     ///< as AwaitGuest, but the driver that knew the token is gone, or the CPU that owned it
    Waiting,    ///< an orphan that waits for another of OP-TEE's threads
    Resisting,  ///< an orphan that did not end although all its requests got errors
    Stuck,      ///< an orphan that does not end: only the VM's end frees it
};

/// State and generation. The generation increases each time the guest gets a token, so that each token is valid for one
/// resume.
class SlotWord {
  public:
    /// The token in x3: generation and slot number, 32 bits.
    static constexpr unsigned index_bits = 3;
    static_assert(max_threads <= 1U << index_bits);
    [[nodiscard]] static constexpr unsigned index_of(u32 token) { return token & ((1U << index_bits) - 1); }

    [[nodiscard]] SlotState state() const { return state_of(word_.load(std::memory_order_acquire)); }

    /// @param from Free, Orphan or Resisting
    [[nodiscard]] bool claim(SlotState from) { return move(from, SlotState::Running); }
    /// AwaitGuest to Orphan.
    [[nodiscard]] bool orphan() { return move(SlotState::AwaitGuest, SlotState::Orphan); }
    /// Waiting to Orphan: its wait may have ended.
    void try_again() { (void)move(SlotState::Waiting, SlotState::Orphan); }
    /// Resumes by the guest's token. @return false, without a change, except for the last token, and that only once
    [[nodiscard]] bool resume(u32 token) {
        u64 expected = make(SlotState::AwaitGuest, token >> index_bits);
        // Acquire: pairs with await_guest() on the CPU that had the call before.
        return word_.compare_exchange_strong(expected, make(SlotState::Running, token >> index_bits),
                                             std::memory_order_acquire, std::memory_order_relaxed);
    }
    /// Precondition: the caller owns the slot; ownership is given up.
    /// @return the token
    u32 await_guest(unsigned index) {
        const u32 generation = (generation_of(word_.load(std::memory_order_relaxed)) + 1) & generation_mask;
        // Release: the CPU that resumes the call sees its state.
        word_.store(make(SlotState::AwaitGuest, generation), std::memory_order_release);
        return generation << index_bits | index;
    }
    /// Free, Orphan, Waiting, Resisting or Stuck. Precondition as above.
    void leave(SlotState state) {
        word_.store(make(state, generation_of(word_.load(std::memory_order_relaxed))), std::memory_order_release);
    }

  private:
    static constexpr u32 generation_mask = (1U << (32 - index_bits)) - 1;
    [[nodiscard]] static constexpr u64 make(SlotState state, u32 generation) {
        return u64{generation} << 8 | static_cast<u64>(state);
    }
    [[nodiscard]] static constexpr SlotState state_of(u64 word) { return static_cast<SlotState>(word & 0xff); }
    [[nodiscard]] static constexpr u32 generation_of(u64 word) { return static_cast<u32>(word >> 8); }

    bool move(SlotState from, SlotState to) {
        u64 word = word_.load(std::memory_order_relaxed);
        while (state_of(word) == from) {
            if (word_.compare_exchange_weak(word, make(to, generation_of(word)), std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
                return true;
            }
        }
        return false;
    }

    std::atomic<u64> word_ = 0;
};

struct CallSlot {
    SlotWord word;
    ArenaSlot arena;
    std::optional<Call> call; ///< for the CPU that owns the slot
};

/// There are as many as OP-TEE has threads for the VM, so a slot corresponds to a thread. Any CPU.
class Slots {
  public:
    Slots() = default;
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;

    /// Context: before the first call.
    void give(const Arena& arena, u64 first, unsigned count);
    /// Up to max_threads in all.
    void give_more(const Arena& arena, u64 first, unsigned count);
    [[nodiscard]] unsigned count() const { return count_; }
    [[nodiscard]] unsigned index_of(const CallSlot& slot) const { return static_cast<unsigned>(&slot - slots_.data()); }
    /// Precondition: the caller owns it.
    [[nodiscard]] CallSlot& owned(unsigned index) {
        ASSERT(index < count_ && slots_[index].word.state() == SlotState::Running);
        return slots_[index];
    }

    /// Calls that run, or wait for the guest.
    [[nodiscard]] u32 in_flight() const;
    /// Calls whose driver is gone, still to be ended. Relaxed: who misses a concurrent one leaves it to the next call.
    [[nodiscard]] u32 orphans() const { return orphans_.load(std::memory_order_relaxed); }
    [[nodiscard]] u32 free() const;
    /// Calls that have not ended.
    [[nodiscard]] u32 unfinished() const { return count_ - free(); }

    /// A slot in this state, owned by the caller from now on; null if there is none.
    /// @param state Free, Orphan or Resisting
    [[nodiscard]] CallSlot* claim(SlotState state);
    /// The one that waits for the guest with this token; null if there is none.
    [[nodiscard]] CallSlot* resume(u32 token);
    /// Gives up the slot. Precondition: the caller owns it.
    void leave(CallSlot& slot, SlotState state);

    /// Turns the calls that wait for a former driver into orphans.
    void orphan_waiting();
    /// The same with those that a CPU owned. Precondition: no CPU runs a call.
    void orphan_running();
    /// Retries waiting orphans, whose wait may have ended.
    void try_again(const CallSlot* except);
    /// OP-TEE has destroyed the partition.
    void drop_all();

  private:
    [[nodiscard]] static bool is_orphan(SlotState state) {
        return state == SlotState::Orphan || state == SlotState::Waiting || state == SlotState::Resisting;
    }
    [[nodiscard]] std::span<CallSlot> all() { return std::span(slots_).first(count_); }
    [[nodiscard]] std::span<const CallSlot> all() const { return std::span(slots_).first(count_); }

    unsigned count_ = 0;
    std::atomic<u32> orphans_ = 0;
    std::array<CallSlot, max_threads> slots_{};
};

inline CallSlot* Slots::claim(SlotState state) {
    for (CallSlot& slot : all()) {
        if (slot.word.claim(state)) {
            if (is_orphan(state)) {
                orphans_.fetch_sub(1, std::memory_order_relaxed);
            }
            return &slot;
        }
    }
    return nullptr;
}

inline CallSlot* Slots::resume(u32 token) {
    const unsigned index = SlotWord::index_of(token);
    return index < count_ && slots_[index].word.resume(token) ? &slots_[index] : nullptr;
}

inline void Slots::leave(CallSlot& slot, SlotState state) {
    if (is_orphan(state)) {
        orphans_.fetch_add(1, std::memory_order_relaxed);
    }
    slot.word.leave(state);
}

} // namespace trv::tee::optee

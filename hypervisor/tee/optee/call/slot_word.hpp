// SPDX-License-Identifier: Apache-2.0
#pragma once
// The ownership of a call slot, in one atomic word: if two CPUs try to continue the same call, one succeeds.

#include "lib/types.hpp"
#include "tee/optee/config.hpp"

#include <atomic>

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

} // namespace trv::tee::optee

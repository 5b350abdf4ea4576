// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE's threads, where a VM has more calls than OP-TEE has threads for it: a call that finds none waits until another
// one's ends.

#include "lib/types.hpp"
#include "sync/spinlock.hpp"
#include "tee/optee/config.hpp"

#include <array>
#include <optional>

namespace trv::tee::manager {

class ThreadRoom {
  public:
    /// @param threads of OP-TEE's for the VM; 0: there is no OP-TEE
    explicit ThreadRoom(unsigned threads) : threads_(threads) {}

    /// The call in the slot begins to use a thread. @return false if there is none: it waits
    [[nodiscard]] bool enter(unsigned slot) EXCLUDES(lock_) {
        const Guard guard(lock_);
        states_[slot] = used_ < threads_ ? State::Inside : State::Waits;
        used_ += states_[slot] == State::Inside ? 1 : 0;
        return states_[slot] == State::Inside;
    }
    /// Its thread has ended. @return the slot of a call that waits for one
    [[nodiscard]] std::optional<unsigned> leave(unsigned slot) EXCLUDES(lock_) {
        const Guard guard(lock_);
        states_[slot] = State::Outside;
        --used_;
        for (unsigned other = 0; other < states_.size(); ++other) {
            if (states_[other] == State::Waits) {
                return other;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] bool waits(unsigned slot) EXCLUDES(lock_) {
        const Guard guard(lock_);
        return states_[slot] == State::Waits;
    }

  private:
    enum class State : u8 { Outside, Waits, Inside };

    const unsigned threads_;
    SpinLock lock_; ///< no other is taken under it
    unsigned used_ GUARDED_BY(lock_) = 0;
    std::array<State, optee::max_threads> states_ GUARDED_BY(lock_){};
};

} // namespace trv::tee::manager

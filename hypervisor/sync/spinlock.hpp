// SPDX-License-Identifier: Apache-2.0
#pragma once
// A lock for short sections. EL2 runs with interrupts masked from entry to exit, so holding a lock needs no masking of
// its own; no lock is held while a guest runs or across an SMC.
//
// A free lock goes to the CPU that takes it first, not to the one that waits longest: below an emulator or another
// hypervisor, that one's thread may not be running, and all others would wait until it is. None waits for ever, though:
// a CPU that has lost often is urgent, and others step back from a free lock while one is; for a while, after which
// they are urgent, too, since the first one may have lost its own CPU.

#include "lib/limits.hpp"
#include "lib/thread_safety.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv {

class TRV_CAPABILITY("spinlock") SpinLock {
  public:
    constexpr SpinLock() = default;
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    void lock() ACQUIRE() {
        if (!try_take()) [[unlikely]] {
            wait();
        }
    }

    void unlock() RELEASE() { held_.store(false, std::memory_order_release); }

    /// Times that a CPU finds the lock not to be had before it is urgent: some microseconds.
    static constexpr unsigned patience = 200;

  private:
    bool try_take() {
        // Relaxed: only a hint. Acquire pairs with the release in unlock(): what the previous holder wrote is visible
        // to the next one.
        return urgent_.load(std::memory_order_relaxed) == 0 && !held_.exchange(true, std::memory_order_acquire);
    }
    void wait();

    std::atomic<bool> held_ = false;
    std::atomic<u8> urgent_ = 0; ///< CPUs that are
};
static_assert(max_cpus < 256);

class TRV_SCOPED_CAPABILITY Guard {
  public:
    explicit Guard(SpinLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
    ~Guard() RELEASE() { lock_.unlock(); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

  private:
    SpinLock& lock_;
};

} // namespace trv

#pragma once
// A fair lock for short sections. EL2 runs with interrupts masked from entry to exit, so holding a lock needs no
// masking of its own; no lock is held while a guest runs or across an SMC.

#include "arch/relax.hpp"
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
        const u32 ticket = next_.fetch_add(1, std::memory_order_relaxed);
        // Pairs with the release in unlock(): what the previous holder wrote is visible to the next one.
        while (serving_.load(std::memory_order_acquire) != ticket) {
            arch::relax();
        }
    }

    void unlock() RELEASE() { serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  private:
    std::atomic<u32> next_ = 0;
    std::atomic<u32> serving_ = 0;
};

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

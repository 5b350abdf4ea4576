// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"
#include "sync/spinlock.hpp"

#include <array>
#include <atomic>
#include <string_view>

namespace trv::vm {

/// Why a VM's vCPUs were stopped. Of several requests the most final one decides, whichever came first: Destroyed, then
/// Off and Crash, then Reset, then Reboot.
enum class StopReason : u8 {
    None,
    Off,       ///< the guest powered itself off
    Reboot,    ///< the guest requested a reset
    Crash,     ///< the guest did something that the hypervisor cannot continue
    Reset,     ///< the operator requested a restart
    Destroyed, ///< the operator requested its destruction
};
[[nodiscard]] std::string_view name_of(StopReason reason);

/// The request that a VM stops, if there is one. Any CPU.
class StopRequest {
  public:
    // Relaxed: docs/internals/locks.md.
    [[nodiscard]] StopReason reason() const { return reason_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool is_made() const { return reason() != StopReason::None; }
    /// A reason that is more final than the one before replaces it.
    void make(StopReason reason);
    /// The same, if there is no request yet.
    void make_if_none(StopReason reason) {
        StopReason none = StopReason::None;
        reason_.compare_exchange_strong(none, reason);
    }
    /// It is served. @return false, without a change, if a more final reason has replaced this one
    [[nodiscard]] bool end(StopReason reason) { return reason_.compare_exchange_strong(reason, StopReason::None); }

    /// What the guest did, for StopReason::Crash: the first text counts. Before make().
    void explain(std::string_view detail) EXCLUDES(lock_);
    /// Precondition: the request was made, or never explained.
    [[nodiscard]] std::string_view detail() const { return {detail_.data(), detail_size_}; }
    /// For the VM's next life. Precondition: no vCPU is on.
    void forget_detail() { detail_size_ = 0; }

  private:
    std::atomic<StopReason> reason_ = StopReason::None;
    SpinLock lock_;                  ///< stands alone
    std::array<char, 160> detail_{}; ///< written once, under the lock, before reason_ becomes Crash
    std::size_t detail_size_ = 0;
};

} // namespace trv::vm

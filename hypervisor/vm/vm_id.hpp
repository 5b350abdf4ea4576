// SPDX-License-Identifier: Apache-2.0
#pragma once
// VMs' numbers. A number selects a VM's channels, the owner of its frames, its track in traces and its account with
// OP-TEE. So no other VM has it while its VM is described, and it returns with the description.

#include "lib/lease.hpp"
#include "lib/log.hpp"
#include "lib/result.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv::vm {

class VmIdPool;

/// The right to use one number.
class VmId final : public Lease<VmIdPool, unsigned> {
  public:
    using Lease::Lease;

    /// Below max_vms. Precondition: there is one.
    [[nodiscard]] unsigned number() const {
        ASSERT(*this);
        return thing();
    }
};

/// Context: any CPU; no lock is taken.
class VmIdPool {
  public:
    constexpr VmIdPool() = default;
    VmIdPool(const VmIdPool&) = delete;
    VmIdPool& operator=(const VmIdPool&) = delete;

    /// @param number below max_vms
    /// @return Error::Busy if it is leased
    [[nodiscard]] Result<VmId> lease(unsigned number);
    /// Leases numbers in turn, so that each stays unused as long as possible.
    /// @return Error::TooMany if all are leased
    [[nodiscard]] Result<VmId> lease();

  private:
    friend class Lease<VmIdPool, unsigned>;
    [[nodiscard]] static constexpr u32 bit(unsigned number) {
        ASSERT(number < max_vms);
        return u32{1} << number;
    }
    static_assert(max_vms <= 32);

    /// Release and acquire: who leases a number finds what it selects as its last user left it.
    void give_back(unsigned number) { leased_.fetch_and(~bit(number), std::memory_order_release); }

    std::atomic<u32> leased_ = 0;
    std::atomic<unsigned> next_ = 0;
};

} // namespace trv::vm

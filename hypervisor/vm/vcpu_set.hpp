// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's vCPUs: which of them are on, and what its devices and its manager do to all of them.

#include "lib/unique.hpp"
#include "machine/description.hpp"
#include "sync/spinlock.hpp"
#include "vdev/gic/vcpus.hpp"
#include "vm/stop_request.hpp"
#include "vm/vcpu.hpp"

#include <array>
#include <atomic>

namespace trv::vm {

class Manager;

class VcpuSet final : public vdev::VcpuWaker, public vdev::HardwareInput, public vdev::DeferredExits {
  public:
    explicit VcpuSet(Manager& manager) : manager_(manager) {}
    VcpuSet(const VcpuSet&) = delete;
    VcpuSet& operator=(const VcpuSet&) = delete;

    /// Once. All are off.
    Result<void> create(Vm& vm, const machine::VmDescription& description);

    [[nodiscard]] Vcpu& operator[](unsigned index) { return *vcpus_[index]; }

    [[nodiscard]] bool is_on(unsigned index) const {
        return (on_mask_.load(std::memory_order_acquire) >> index & 1) != 0;
    }
    [[nodiscard]] bool is_any_running() const;

    enum class PowerOn : u8 { Done, AlreadyOn, Stopping };
    /// Once a stop is requested, none but the first goes on: with that one, the VM starts anew.
    /// @param prepare void(), called before the vCPU is on, while no other one goes on or off
    template <typename Prepare>
    PowerOn power_on(Vcpu& target, const StopRequest& stop, Prepare prepare) EXCLUDES(lock_);
    /// The vCPU has stopped. @return whether it was the last one that was on
    bool power_off(const Vcpu& vcpu) EXCLUDES(lock_);

    /// All go through their schedulers before their next instruction.
    void summon_all();
    /// Those that were held may run.
    void release_all();

    void wake(unsigned index) override { vcpus_[index]->wake(); }
    /// The virtual timer is the only one there is.
    [[nodiscard]] bool is_asserted(unsigned index, IntId) override {
        return vcpus_[index]->is_virtual_timer_asserted();
    }
    [[nodiscard]] vdev::Ticket defer(unsigned index) override;
    bool complete(vdev::Ticket ticket, u64 value) override;

  private:
    [[nodiscard]] std::span<const Unique<Vcpu>> all() const { return std::span(vcpus_).first(count_); }

    Manager& manager_;
    unsigned count_ = 0;
    std::array<Unique<Vcpu>, max_vcpus> vcpus_;
    SpinLock lock_;
    std::atomic<u32> on_mask_ = 0; ///< bit per vCPU that is on; written under lock_
};

template <typename Prepare>
VcpuSet::PowerOn VcpuSet::power_on(Vcpu& target, const StopRequest& stop, Prepare prepare) {
    const u32 mask = u32{1} << target.index();
    {
        const Guard guard(lock_);
        const u32 on = on_mask_.load(std::memory_order_relaxed);
        if ((on & mask) != 0) {
            return PowerOn::AlreadyOn;
        }
        if (stop.is_made() && on != 0) {
            return PowerOn::Stopping;
        }
        prepare();
        on_mask_.fetch_or(mask, std::memory_order_release);
    }
    target.home().scheduler.start(target);
    return PowerOn::Done;
}

} // namespace trv::vm

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands with which programs of the host serve devices of VMs: docs/internals/virtio.md. Not in every image: option
// VIRTIO.

#include "generated/option/virtio.hpp"
#include "management/host_alarms.hpp"
#include "management/host_waits.hpp"
#include "tee/manager/service.hpp"
#include "vm/manager.hpp"

namespace trv::management {

class HostDevices final : public vdev::VirtioBackend {
  public:
    using TeeResult = tee::manager::TeeResult;
    using Parameters = std::array<tee::manager::Invocation::Parameter, 4>;

    /// Both outlive it.
    HostDevices(vm::Manager& manager, HostWaits& waits) : manager_(manager), waits_(waits) {}
    HostDevices(const HostDevices&) = delete;
    HostDevices& operator=(const HostDevices&) = delete;

    void on_device_events(unsigned vm) override { waits_.signal(contract::manager::devices_bit(vm)); }
    void on_reset_waits(u64 deadline) override { alarms_.arm(deadline); }

    /// Runs one of the commands but `events`, for the VM's session. Context: a call of the host's; several at once.
    [[nodiscard]] TeeResult run(tee::manager::Command command, Parameters& parameters);
    [[nodiscard]] bool has_events(vm::VmHandle vm);
    [[nodiscard]] TeeResult take_events(Parameters& parameters);

    void end_loan(u64 name);
    void end_loans();

  private:
    [[nodiscard]] Result<void> lend(vm::IoBank& bank, u64 piece, const tee::manager::CallerMemory& memory);
    [[nodiscard]] Result<memory::Loan> make_loan(const tee::manager::CallerMemory& memory) const;
    [[nodiscard]] static u64 expired(void* devices, u64 now) {
        if constexpr (option::virtio) {
            return static_cast<HostDevices*>(devices)->expire(now);
        }
        return HostAlarms::never;
    }
    [[nodiscard]] u64 expire(u64 now);

    vm::Manager& manager_;
    HostWaits& waits_;
    HostAlarms alarms_{expired, this};
};

} // namespace trv::management

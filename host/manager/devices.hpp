// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/machine_tree.hpp"
#include "contract/virtio.hpp"
#include "host/manager/transport.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trv::host::manager {

/// A VM that the manager has taken in.
struct NewVm {
    std::uint64_t handle = 0;
    unsigned index = 0; ///< which channels are its own
};

/// What is lent to a VM, in one piece or several, as long as this exists.
using Loan = std::vector<std::unique_ptr<RegisteredMemory>>;

/// What the manager offers to the program that serves a VM's devices. Several threads may use it at a time.
class Devices {
  public:
    Devices(std::shared_ptr<Transport> transport, std::string name, const NewVm& vm)
        : transport_{std::move(transport)}, name_{std::move(name)}, handle_{vm.handle} {}

    /// Lends the VM a bank, or all its memory.
    /// @param memory  whole steps of contract::virtio::bank_step; stays mapped as long as the result exists
    [[nodiscard]] Result<Loan> lend(std::span<char> memory, contract::Io io);
    /// The same memory once more, if the hypervisor has taken it back. Nothing of a driver that was reset may be in use.
    [[nodiscard]] Result<void> lend_again(const Loan& loan);
    [[nodiscard]] Result<void> put(unsigned slot, const contract::virtio::Device& device);
    /// @return false: a driver uses it
    [[nodiscard]] Result<bool> take_out(unsigned slot);
    /// Waits until drivers have done something.
    /// @return none after `milliseconds`; nothing at all if the VM has been forgotten
    [[nodiscard]] Result<std::optional<contract::virtio::Events>> events(std::uint32_t milliseconds);
    [[nodiscard]] Result<contract::virtio::State> state(unsigned slot);
    /// Interrupts the VM. Slots are bits.
    [[nodiscard]] Result<void> ring(std::uint64_t used_buffers, std::uint64_t failed = 0);
    /// Says that the device does not use the VM's memory any more.
    [[nodiscard]] Result<void> stopped(unsigned slot);

    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    [[nodiscard]] Result<void> call(contract::manager::Command command, Arguments& arguments);
    /// What a VM that has meanwhile ended, or has stopped waiting, need not hear.
    [[nodiscard]] Result<void> tell(contract::manager::Command command, Arguments arguments);

    std::shared_ptr<Transport> transport_;
    std::string name_;
    std::uint64_t handle_;
};

} // namespace trv::host::manager

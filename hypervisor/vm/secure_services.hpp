// SPDX-License-Identifier: Apache-2.0
#pragma once
// The secure services that this image has, and a VM's shares of them.

#include "generated/option/optee.hpp"
#include "lib/unique.hpp"
#include "machine/description.hpp"
#include "tee/none/mediator.hpp"
#include "tee/optee/partition/mediator.hpp"
#include "tee/secure_service.hpp"
#include "vdev/device.hpp"

#include <array>
#include <type_traits>

namespace trv::vm {

class Vm;

/// Of the machine's OP-TEE. In an image without OP-TEE nothing refers to tee/optee/ then, and nothing of it is linked.
using Mediator = std::conditional_t<option::optee, tee::optee::Mediator, tee::none::Mediator>;

/// Between whom the machine's OP-TEE is divided, from boot on.
[[nodiscard]] tee::optee::Sharing sharing_of(const machine::Machine& machine);

/// Of each kind a VM has one share or none. Services in trap/hypercall.cpp lists whose calls belong to it.
enum class ServiceKind : u8 {
    Optee, ///< the calls of OP-TEE's driver
};
inline constexpr std::size_t service_kinds = 1;

class SecureServices {
  public:
    /// @param optee_intid an SPI of the VM
    SecureServices(Vm& vm, vdev::InterruptController& controller, IntId optee_intid);

    /// Null without. Other CPUs than the one that drives the VM's life cycle access it through the manager.
    [[nodiscard]] tee::SecureService* find(ServiceKind kind) const {
        return option::optee ? shares_[static_cast<std::size_t>(kind)].get() : nullptr;
    }

    // The VM's life cycle. Precondition: no vCPU is on.

    /// Runs a step of getting the shares that the VM is described with, for a VM that is about to start; no effect if
    /// that was done since its creation or reset(). @return whether it is done; false: try again
    bool renew_step();
    /// Writes /firmware, if there is something in it.
    void describe(TreeWriter& tree) const;
    /// No notification is for the VM's next kernel, which gets new shares.
    void reset();
    /// Runs a step of their end. @return whether all have ended
    bool end_step();

  private:
    /// Destroys the one before.
    void put(ServiceKind kind, Unique<tee::SecureService> share);

    Vm& vm_;
    vdev::Line optee_line_; ///< with which OP-TEE notifies the guest
    std::array<Unique<tee::SecureService>, service_kinds> shares_;
    bool decided_ = false; ///< it is decided which shares the VM has, until a reset
};

} // namespace trv::vm

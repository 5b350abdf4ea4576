// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands with which programs of the host keep what VMs' firmware has in its flash: docs/internals/guest-firmware.md.
// Not in every image: option FIRMWARE.

#include "tee/manager/service.hpp"
#include "vm/manager.hpp"

namespace trv::management {

/// Context of all: a call of the host's; several at once.
class HostVariables {
  public:
    using TeeResult = tee::manager::TeeResult;
    using Parameters = std::array<tee::manager::Invocation::Parameter, 4>;

    /// @param manager outlives it
    explicit HostVariables(vm::Manager& manager) : manager_(manager) {}

    /// @param session becomes the one that keeps them
    [[nodiscard]] TeeResult read(tee::manager::SessionId session, Parameters& parameters);
    [[nodiscard]] TeeResult write(Parameters& parameters);
    /// The session is closed, and keeps nothing any more.
    void end_keeping(tee::manager::SessionId session);

  private:
    vm::Manager& manager_;
};

} // namespace trv::management

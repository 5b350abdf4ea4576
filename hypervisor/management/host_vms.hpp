// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands with which programs of the host make VMs and forget them.

#include "console/output_listener.hpp"
#include "machine/description.hpp"
#include "tee/manager/service.hpp"
#include "vm/manager.hpp"

namespace trv::management {

/// Writes a text for the caller, as far as it fits.
void say(tee::manager::Invocation::Parameter& to, std::string_view text);

/// What a command answers.
[[nodiscard]] tee::manager::TeeResult result_of(Error error);
[[nodiscard]] inline tee::manager::TeeResult result_of(const Result<void>& result) {
    return result ? tee::manager::TeeResult::Success : result_of(result.error());
}

/// Context of all: a call of the host's; several at once.
class HostVms {
  public:
    using TeeResult = tee::manager::TeeResult;
    using Parameter = tee::manager::Invocation::Parameter;

    /// All must outlive it. @param hardware that descriptions are checked against
    HostVms(vm::Manager& manager, const machine::Machine& hardware, console::OutputListener& listener,
            vdev::VirtioBackend& backend)
        : manager_(manager), hardware_(hardware), listener_(listener), backend_(backend) {}

    struct Made {
        vm::VmHandle handle{};
        unsigned number = 0;
    };
    /// Takes in a description. @param why gets the reason for a refusal
    /// Context: bounded by the largest tree; some milliseconds.
    [[nodiscard]] TeeResult create(const tee::manager::CallerMemory& tree, Made& made, Parameter& why);
    /// Loads the next bytes of an image. Context: bounded by the largest piece: about a millisecond.
    [[nodiscard]] TeeResult load(const Parameter& what, const tee::manager::CallerMemory& bytes);
    [[nodiscard]] TeeResult start(vm::VmHandle handle, Parameter& why);
    [[nodiscard]] TeeResult forget(const tee::manager::CallerMemory& name);

  private:
    [[nodiscard]] TeeResult read_description(const DeviceTree& tree, Unique<machine::VmConfig>& config, Parameter& why);
    [[nodiscard]] TeeResult take_in(Unique<machine::VmConfig> config, Made& made, Parameter& why);
    [[nodiscard]] Result<Unique<vm::Belongings>> make_belongings(const machine::VmDescription& vm, unsigned number);
    [[nodiscard]] Result<void> append(vm::LoadedImage& image, memory::FrameOwner owner,
                                      const tee::manager::CallerMemory& bytes);

    vm::Manager& manager_;
    const machine::Machine& hardware_;
    console::OutputListener& listener_;
    vdev::VirtioBackend& backend_;
};

} // namespace trv::management

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/frames.hpp"
#include "tool/qemu/qemu_machine.hpp"
#include "tool/run/bare_frames.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::run {

/// A running machine as a run sees it: one stream of frames in each direction, whether the hypervisor makes them of its
/// console, or the machine runs without it.
class MachineLine {
  public:
    /// @param bare_vm  the name of a bare machine's system to the run; empty: the hypervisor runs
    [[nodiscard]] static Result<MachineLine> start(const qemu::QemuOptions& options, const std::filesystem::path& log,
                                                   const std::string& bare_vm);

    // For an EventLoop.
    [[nodiscard]] qemu::Port& console() { return machine_.console(); }
    [[nodiscard]] qemu::Port* agent() { return machine_.agent(); }
    [[nodiscard]] int end() const { return machine_.end(); }

    /// What has come from the console since the last call; nothing if that is closed. May be empty.
    [[nodiscard]] std::optional<std::string> read();
    /// The same from a bare machine's agent.
    [[nodiscard]] std::optional<std::string> read_agent();
    /// What the end of the machine means.
    [[nodiscard]] std::string on_end();

    /// @return what is known at once of the answer
    [[nodiscard]] std::string send(console::Channel channel, std::string_view text);
    /// Passes on as much of it as the machine takes.
    void flush();

    void press_power_button() { machine_.press_power_button(); }
    /// Kills QEMU.
    void kill() { machine_.kill(); }

  private:
    MachineLine(qemu::QemuMachine machine, std::optional<BareFrames> bare)
        : machine_{std::move(machine)}, bare_{std::move(bare)} {}

    qemu::QemuMachine machine_;
    std::optional<BareFrames> bare_;
    bool started_ = false;
};

} // namespace trv::tool::run

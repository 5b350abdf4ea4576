// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/qemu/port.hpp"
#include "tool/qemu/qemu_options.hpp"
#include "tool/support/error.hpp"
#include "tool/support/process/process.hpp"

#include <optional>
#include <string>

namespace trv::tool::qemu {

/// A running QEMU and its serial lines. It is killed with this object, and with this process.
class QemuMachine {
  public:
    /// @param log  for QEMU's own output
    [[nodiscard]] static Result<QemuMachine> start(const QemuOptions& options, const std::filesystem::path& log);

    [[nodiscard]] Port& console() { return console_; }
    /// The agent's port; null if the machine has none.
    [[nodiscard]] Port* agent() { return agent_ ? &*agent_ : nullptr; }
    /// For an EventLoop: readable when QEMU has ended.
    [[nodiscard]] int end() const { return process_.descriptor(); }

    /// Waits for QEMU. Precondition: it has exited.
    ExitStatus wait() { return process_.wait(); }
    /// Presses the machine's power button, if the options gave the tool one.
    void press_power_button();

    /// Kills QEMU.
    void kill() { process_.stop(std::chrono::milliseconds{0}); }

  private:
    QemuMachine(Process process, Port console, std::optional<Port> agent, std::optional<Port> monitor)
        : process_{std::move(process)}, console_{std::move(console)}, agent_{std::move(agent)},
          monitor_{std::move(monitor)} {}

    Process process_;
    Port console_;
    std::optional<Port> agent_;
    std::optional<Port> monitor_; // QEMU's; the little that it says stays in the socket
};

/// The device tree of the machine, with the random seeds that the options ask for.
/// @param folder  a folder for a temporary file
[[nodiscard]] Result<std::string> hardware_tree(const QemuOptions& options, const std::filesystem::path& folder);

/// The version of a QEMU, as it prints it.
/// @param emulator  the words that start it
[[nodiscard]] Result<std::string> qemu_version(const std::vector<std::string>& emulator = {platform::qemu});

} // namespace trv::tool::qemu

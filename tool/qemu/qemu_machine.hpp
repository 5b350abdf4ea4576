// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/qemu/qemu_options.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/process/process.hpp"

#include <optional>
#include <string>

namespace trv::tool::qemu {

/// A running QEMU and the other end of its console. It is killed with this object, and with this process.
class QemuMachine {
  public:
    /// @param log  for QEMU's own output
    [[nodiscard]] static Result<QemuMachine> start(const QemuOptions& options, const std::filesystem::path& log);

    /// For an EventLoop: readable when the machine has written. Never blocks.
    [[nodiscard]] int console() const { return console_.get(); }
    /// For an EventLoop: readable when QEMU has ended.
    [[nodiscard]] int end() const { return process_.descriptor(); }

    /// The machine's output since the last call; nothing if its console is closed. May be empty.
    [[nodiscard]] std::optional<std::string> read();

    /// Queues bytes for the machine; `flush` sends as many as possible.
    void write(std::string_view bytes) { unsent_ += bytes; }
    void flush();
    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }

    /// Waits for QEMU. Precondition: it has exited.
    ExitStatus wait() { return process_.wait(); }
    /// Kills QEMU.
    void kill() { process_.stop(std::chrono::milliseconds{0}); }

  private:
    QemuMachine(Process process, FileDescriptor console) : process_{std::move(process)}, console_{std::move(console)} {}

    Process process_;
    FileDescriptor console_;
    std::string unsent_;
};

/// The device tree of the machine; its random seed is always the same if it is to be repeatable.
/// @param folder  a folder for a temporary file
[[nodiscard]] Result<std::string> hardware_tree(const QemuOptions& options, const std::filesystem::path& folder);

/// The version of the installed QEMU, as it prints it.
[[nodiscard]] Result<std::string> qemu_version();

} // namespace trv::tool::qemu

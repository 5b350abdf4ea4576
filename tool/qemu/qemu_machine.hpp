#pragma once

#include "tool/qemu/qemu_options.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/process.hpp"

#include <optional>
#include <string>

namespace trv::tool::qemu {

/// A running QEMU and our end of its console. Dies with this object, and with us.
class QemuMachine {
  public:
    /// @param log  takes what QEMU itself has to say
    [[nodiscard]] static Result<QemuMachine> start(const QemuOptions& options, const std::filesystem::path& log);

    /// Becomes readable when the machine writes, for poll(). Never blocks.
    [[nodiscard]] int console() const { return console_.get(); }
    /// Becomes readable when QEMU ends, for poll().
    [[nodiscard]] int end() const { return process_.descriptor(); }

    /// What the machine wrote since the last call; nothing when its console is closed. May be empty.
    [[nodiscard]] std::optional<std::string> read();

    /// Queues bytes for the machine; `flush` sends as much as it takes now.
    void write(std::string_view bytes) { unsent_ += bytes; }
    void flush();
    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }

    /// Waits for QEMU, which is known to have ended.
    ExitStatus wait() { return process_.wait(); }
    /// Ends QEMU now.
    void kill() { process_.stop(std::chrono::milliseconds{0}); }

  private:
    QemuMachine(Process process, FileDescriptor console) : process_{std::move(process)}, console_{std::move(console)} {}

    Process process_;
    FileDescriptor console_;
    std::string unsent_;
};

/// The device tree of the machine as QEMU generates it; its random seed is always the same if it is to be repeatable.
/// @param folder  where the file may lie for a moment
[[nodiscard]] Result<std::string> hardware_tree(const QemuOptions& options, const std::filesystem::path& folder);

/// The version of the installed QEMU, as it prints it.
[[nodiscard]] Result<std::string> qemu_version();

} // namespace trv::tool::qemu

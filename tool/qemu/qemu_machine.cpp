// SPDX-License-Identifier: Apache-2.0
#include "tool/qemu/qemu_machine.hpp"

#include "tool/platform/qemu_arguments.hpp"
#include "tool/tree/fixed_seed.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace trv::tool::qemu {

Result<QemuMachine> QemuMachine::start(const QemuOptions& options, const std::filesystem::path& log) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return system_failure("console", "cannot create a socket for the machine's console");
    }
    FileDescriptor ours{ends[0]};
    const FileDescriptor its{ends[1]};
    // Only this end is non-blocking: QEMU may block on its end, so that a machine that writes fast loses no bytes.
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    const Command command{.arguments = command_line(options, its.get()), .log = log, .inherited = {its.get()}};
    Process process = TRY(Process::start(command));
    return QemuMachine{std::move(process), std::move(ours)};
}

std::optional<std::string> QemuMachine::read() {
    std::string bytes(64 * 1024, '\0');
    const ssize_t got = ::recv(console_.get(), bytes.data(), bytes.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        return std::nullopt;
    }
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
}

void QemuMachine::flush() {
    const ssize_t sent = ::send(console_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent > 0) {
        unsent_.erase(0, static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        unsent_.clear(); // the machine is gone; its end is reported elsewhere
    }
}

Result<std::string> hardware_tree(const QemuOptions& options, const std::filesystem::path& folder) {
    std::string tree = TRY(options.platform->hardware_tree(options.shape(), folder));
    return options.repeatable ? tree::add_fixed_seed(tree) : Result<std::string>{std::move(tree)};
}

Result<std::string> qemu_version() {
    const std::string text = TRY(capture("QEMU's version", {.arguments = {platform::qemu, "--version"}}));
    return text.substr(0, text.find('\n'));
}

} // namespace trv::tool::qemu

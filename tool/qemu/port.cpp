// SPDX-License-Identifier: Apache-2.0
#include "tool/qemu/port.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace trv::tool::qemu {

Result<std::pair<Port, FileDescriptor>> Port::create() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return system_failure("console", "cannot create a socket for the machine's console");
    }
    // Only this end is non-blocking: QEMU may block on its end, so that a machine that writes fast loses no bytes.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return std::pair{Port{FileDescriptor{ends[0]}}, FileDescriptor{ends[1]}};
}

std::optional<std::string> Port::read() {
    std::string bytes(64 * 1024, '\0');
    const ssize_t got = ::recv(ours_.get(), bytes.data(), bytes.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        return std::nullopt;
    }
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
}

void Port::flush() {
    const ssize_t sent = ::send(ours_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent > 0) {
        unsent_.erase(0, static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        unsent_.clear(); // the machine is gone; its end is reported elsewhere
    }
}

} // namespace trv::tool::qemu

// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/port.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace trv::guest {

Port::Port(const char* device) : descriptor_(::open(device, O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    termios settings{};
    if (!valid() || ::tcgetattr(descriptor_, &settings) != 0) {
        return;
    }
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL; // no modem to wait for
    ::tcsetattr(descriptor_, TCSANOW, &settings);
}

Port::~Port() {
    if (valid()) {
        ::close(descriptor_);
    }
}

void Port::receive() {
    char buffer[4096];
    const ssize_t got = ::read(descriptor_, buffer, sizeof(buffer));
    if (got > 0) {
        received_.append(buffer, static_cast<std::size_t>(got));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        ::close(descriptor_); // hung up: polling it on would never sleep again
        descriptor_ = -1;
    }
}

std::optional<std::string> Port::next_line() {
    const std::size_t end = received_.find('\n');
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    return line;
}

void Port::send(std::string_view text) const {
    while (valid() && !text.empty()) {
        const ssize_t written = ::write(descriptor_, text.data(), text.size());
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            return;
        }
    }
}

} // namespace trv::guest

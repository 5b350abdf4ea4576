// SPDX-License-Identifier: Apache-2.0
#include "tool/control/line_stream.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace trv::tool::control {

Result<void> LineStream::receive() {
    std::array<char, 4096> bytes;
    ssize_t got = 0;
    do {
        got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            return failure(place_, "the machine has stopped");
        }
        lines_.feed({bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0});
    } while (got == static_cast<ssize_t>(bytes.size())); // there may be more
    return {};
}

Result<void> LineStream::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return failure(place_, "the machine has stopped");
        }
        bytes.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
    return {};
}

} // namespace trv::tool::control

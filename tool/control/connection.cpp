// SPDX-License-Identifier: Apache-2.0
#include "tool/control/connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace trv::tool::control {

namespace {

/// The maximum queue for a client that stopped reading.
constexpr std::size_t most_unsent = std::size_t{4} * 1024 * 1024;

} // namespace

std::string Connection::receive() {
    std::array<char, 4096> bytes;
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) {
        return {bytes.data(), static_cast<std::size_t>(got)};
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        state_ = State::Gone;
    }
    return {};
}

void Connection::send(std::string_view bytes) {
    unsent_ += bytes;
    flush();
    if (unsent_.size() > most_unsent) {
        state_ = State::Gone;
    }
}

void Connection::flush() {
    if (!unsent_.empty()) {
        const ssize_t sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            unsent_.erase(0, static_cast<std::size_t>(sent));
        } else if (errno != EAGAIN && errno != EINTR) {
            state_ = State::Gone;
        }
    }
    if (unsent_.empty() && state_ == State::Leaving) {
        state_ = State::Gone;
    }
}

void Connection::leave() {
    state_ = State::Leaving;
    flush();
}

} // namespace trv::tool::control

// SPDX-License-Identifier: Apache-2.0
#include "host/vhost/connection.hpp"

#include "host/vhost/passed_descriptors.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/unix_address.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace trv::host::vhost {

namespace {

/// Seconds between two looks at whether the wait for an answer is cancelled.
constexpr double look_interval = 0.1;

} // namespace

std::unexpected<tool::Error> Connection::wrong(std::string what) const {
    return tool::failure(name_, std::move(what));
}

Result<std::optional<Connection>> Connection::open(const std::filesystem::path& path, std::string name) {
    const std::string& text = path.native();
    // The folder is the backends': what they put there may lead elsewhere, to another VM's backend.
    const tool::FileDescriptor there{::open(text.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (!there) {
        return errno == ENOENT ? Result<std::optional<Connection>>{std::nullopt}
                               : tool::system_failure(name, fmt::format("{} cannot be connected to", text));
    }
    struct stat status{};
    if (::fstat(there.get(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return tool::failure(name, fmt::format("{} is not a socket", text));
    }
    const auto address = tool::unix_address(fmt::format("/proc/self/fd/{}", there.get()));
    tool::FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket) {
        return tool::system_failure(name, "no socket can be made");
    }
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0) {
        return Connection{std::move(socket), std::move(name)};
    }
    if (errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN) {
        return std::nullopt;
    }
    return tool::system_failure(name, fmt::format("{} cannot be connected to", text));
}

Result<void> Connection::send(Request request, std::uint32_t flags, std::string_view payload,
                              std::span<const int> descriptors) {
    const Header header{.request = static_cast<std::uint32_t>(request),
                        .flags = header_flag::version | flags,
                        .size = static_cast<std::uint32_t>(payload.size())};
    std::string bytes = bytes_of(header);
    bytes += payload;
    // A request is smaller than a socket's buffer, so it is sent whole.
    if (send_part(socket_.get(), bytes, MSG_DONTWAIT, descriptors) != static_cast<ssize_t>(bytes.size())) {
        return tool::system_failure(name_, "the backend cannot be reached");
    }
    return {};
}

Result<void> Connection::receive_bytes(std::span<char> to, tool::FileDescriptor& descriptor, const Patience& patience) {
    tool::Deadline limit;
    limit.set(patience.seconds);
    while (!to.empty()) {
        tool::Deadline look;
        look.set(std::min(look_interval, limit.milliseconds() / 1000.0));
        if (!TRY(tool::await_input(socket_.get(), look))) {
            if (limit.passed()) {
                return wrong(fmt::format("the backend has not answered for {} s", patience.seconds));
            }
            if (patience.cancelled()) {
                return wrong("the wait for the backend's answer was cancelled");
            }
            continue;
        }
        const ssize_t got = receive_part(socket_.get(), to, MSG_DONTWAIT, descriptor);
        if (got == 0) {
            return wrong("the backend has ended the connection");
        }
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got < 0) {
            return tool::system_failure(name_, "the backend cannot be reached");
        }
        to = to.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<Reply> Connection::receive(Request request, const Patience& patience) {
    Reply reply;
    Header header{};
    TRY(receive_bytes({reinterpret_cast<char*>(&header), sizeof header}, reply.descriptor, patience));
    if ((header.flags & header_flag::version_mask) != header_flag::version ||
        (header.flags & header_flag::reply) == 0 || header.request != static_cast<std::uint32_t>(request) ||
        header.size > largest_payload) {
        return wrong(fmt::format("the backend answered request {} with message {}, flags {:#x}, {} bytes",
                                 static_cast<std::uint32_t>(request), header.request, header.flags, header.size));
    }
    reply.payload.resize(header.size);
    TRY(receive_bytes(reply.payload, reply.descriptor, patience));
    return reply;
}

Result<void> Connection::tell(Request request, std::string_view payload, std::span<const int> descriptors,
                              bool acknowledged, const Patience& patience) {
    TRY(send(request, acknowledged ? header_flag::needs_reply : 0, payload, descriptors));
    if (!acknowledged) {
        return {};
    }
    const auto status = payload_in<std::uint64_t>(TRY(receive(request, patience)).payload);
    if (status != std::uint64_t{0}) {
        return wrong(fmt::format("the backend refuses request {}", static_cast<std::uint32_t>(request)));
    }
    return {};
}

Result<Reply> Connection::ask(Request request, std::string_view payload, const Patience& patience) {
    TRY(send(request, 0, payload, {}));
    return receive(request, patience);
}

} // namespace trv::host::vhost

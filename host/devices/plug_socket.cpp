// SPDX-License-Identifier: Apache-2.0
#include "host/devices/plug_socket.hpp"

#include "contract/limits.hpp"
#include "tool/support/unix_address.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace trv::host::devices {

namespace {

// One request, "plug DEVICE" or "unplug DEVICE", and one answer: "done", or "failed" and three lines.
constexpr std::size_t longest_request = 64;
constexpr std::size_t longest_answer = 4096;
constexpr std::string_view done = "done";
constexpr std::string_view failed = "failed";
constexpr std::size_t most_clients = 8; // more are turned away
constexpr int backlog = 4;

std::string_view word_of(Change change) {
    return change == Change::Plug ? "plug" : "unplug";
}

struct Asked {
    Change change{};
    std::string device{};
};
std::optional<Asked> parse(std::string_view text) {
    for (const Change change : {Change::Plug, Change::Unplug}) {
        const std::string_view word = word_of(change);
        if (text.starts_with(word) && text.substr(word.size()).starts_with(' ')) {
            const auto device = text.substr(word.size() + 1);
            return contract::is_label(device) ? std::optional{Asked{change, std::string{device}}} : std::nullopt;
        }
    }
    return std::nullopt;
}

std::string text_of(const Result<void>& how) {
    if (how) {
        return std::string{done};
    }
    const auto line = [](std::string text) {
        std::ranges::replace(text, '\n', ' ');
        return text;
    };
    const tool::Error& error = how.error();
    return fmt::format("{}\n{}\n{}\n{}", failed, line(error.place), line(error.what), line(error.hint))
        .substr(0, longest_answer);
}

/// @param place  of errors, if the answer does not name one
Result<void> read_answer(std::string_view text, const std::string& place) {
    if (text == done) {
        return {};
    }
    std::array<std::string, 4> lines{};
    for (auto& line : lines) {
        const auto end = std::min(text.find('\n'), text.size());
        line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (lines[0] != failed || !text.empty()) {
        return tool::failure(place, "the program that serves it gave an answer that is not one");
    }
    return tool::failure(lines[1], lines[2], lines[3]);
}

Result<sockaddr_un> address_of(const std::filesystem::path& path, const std::string& place) {
    const auto address = tool::unix_address(path.native());
    return address ? Result<sockaddr_un>{*address}
                   : tool::failure(place, fmt::format("{}: the socket's path is too long", path.string()));
}

tool::FileDescriptor new_socket(int flags) {
    return tool::FileDescriptor{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0)};
}

bool connect(const tool::FileDescriptor& socket, const sockaddr_un& address) {
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

} // namespace

std::filesystem::path PlugSocket::path_of(const std::string& vm, const std::filesystem::path& folder) {
    return folder / (vm + ".plug");
}

Result<void> PlugSocket::expect_none(const std::string& vm, const std::filesystem::path& folder) {
    const std::string place = "VM " + vm;
    if (connect(new_socket(SOCK_NONBLOCK), TRY(address_of(path_of(vm, folder), place)))) {
        return tool::failure(place, "another program serves devices of a VM of this name",
                             fmt::format("End that VM first: trivisorctl destroy {}.", vm));
    }
    return {};
}

Result<std::unique_ptr<PlugSocket>> PlugSocket::listen(const std::string& vm, const std::filesystem::path& folder) {
    TRY(expect_none(vm, folder));
    const std::string place = "VM " + vm;
    const auto path = path_of(vm, folder);
    const auto address = TRY(address_of(path, place));
    std::error_code ignored;
    std::filesystem::remove(path, ignored); // of a program that was killed
    auto socket = new_socket(SOCK_NONBLOCK);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.get(), backlog) != 0) {
        return tool::system_failure(place, fmt::format("{} cannot be made", path.string()));
    }
    return std::unique_ptr<PlugSocket>{new PlugSocket{vm, path, std::move(socket)}};
}

PlugSocket::PlugSocket(std::string vm, std::filesystem::path path, tool::FileDescriptor socket)
    : vm_{std::move(vm)}, path_{std::move(path)}, socket_{std::move(socket)}, user_{::geteuid()} {}

PlugSocket::~PlugSocket() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

void PlugSocket::serve(tool::EventLoop& loop, Handler handler) {
    loop_ = &loop;
    handler_ = std::move(handler);
    source_ = loop.on_input(socket_.get(), [this] { accept(); });
}

void PlugSocket::accept() {
    tool::FileDescriptor socket{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    ucred peer{};
    socklen_t size = sizeof peer;
    if (!socket || ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != user_ ||
        clients_.size() >= most_clients) {
        return;
    }
    const auto client = clients_.insert(clients_.end(), Client{.socket = std::move(socket)});
    client->source = loop_->on_input(client->socket.get(), [this, client] { take(client); });
}

/// The answer may come from another thread, and is short enough for any socket to take it at once.
void PlugSocket::take(std::list<Client>::iterator client) {
    std::array<char, longest_request + 1> bytes{};
    const ssize_t got = ::recv(client->socket.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    client->source = {};
    const auto socket = std::make_shared<tool::FileDescriptor>(std::move(client->socket));
    clients_.erase(client);
    if (got <= 0) {
        return;
    }
    const Answer answer = [socket](const Result<void>& how) {
        const auto text = text_of(how);
        (void)::send(socket->get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    };
    if (const auto asked = parse({bytes.data(), static_cast<std::size_t>(got)})) {
        handler_(asked->device, asked->change, answer);
    } else {
        answer(tool::failure("VM " + vm_, "the program that serves it does not understand what it is asked for",
                             "Is this trivisorctl another version? Then make the VM anew."));
    }
}

Result<void> ask_for_change(const std::string& vm, const std::string& device, Change change,
                            const std::filesystem::path& folder) {
    const std::string place = "VM " + vm;
    const auto address = TRY(address_of(PlugSocket::path_of(vm, folder), place));
    const auto socket = new_socket(0);
    if (!connect(socket, address)) {
        if (errno == ENOENT || errno == ECONNREFUSED) {
            return tool::failure(place, "no program serves devices of it",
                                 "Describe them when it is made: a device with plugged = false can be plugged later.");
        }
        return tool::system_failure(place, "the program that serves it cannot be asked", "Only root may ask it.");
    }
    const auto request = fmt::format("{} {}", word_of(change), device);
    std::array<char, longest_answer> bytes{};
    ssize_t got = ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
    while (got > 0 && (got = ::recv(socket.get(), bytes.data(), bytes.size(), 0)) < 0 && errno == EINTR) {
        got = 1;
    }
    if (got <= 0) {
        return tool::failure(place, "the program that serves it ended before it answered",
                             fmt::format("See what the VM has: trivisorctl devices {}; then try again.", vm));
    }
    return read_answer({bytes.data(), static_cast<std::size_t>(got)}, place);
}

} // namespace trv::host::devices

// SPDX-License-Identifier: Apache-2.0
#include "host/serve/service_manager.hpp"

#include "host/vhost/passed_descriptors.hpp"
#include "tool/support/unix_address.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace trv::host::serve {

namespace {

constexpr int first_descriptor = 3; // SD_LISTEN_FDS_START
constexpr const char* place = "systemd";

std::string take(const char* variable) {
    const char* const value = std::getenv(variable);
    const std::string text = value == nullptr ? "" : value;
    ::unsetenv(variable);
    return text;
}

int number_in(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace

ServiceManager ServiceManager::take_from_environment() {
    ServiceManager manager;
    manager.socket_ = take("NOTIFY_SOCKET");
    manager.service_ = take("TRIVISOR_SERVICE"); // its unit file sets it
    const int process = number_in(take("LISTEN_PID"));
    const int count = number_in(take("LISTEN_FDS"));
    std::string names = take("LISTEN_FDNAMES");
    for (int index = 0; process == ::getpid() && index < count; ++index) {
        const int descriptor = first_descriptor + index;
        (void)::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        const auto end = std::min(names.find(':'), names.size());
        manager.kept_.push_back({.name = names.substr(0, end), .descriptor = tool::FileDescriptor{descriptor}});
        names.erase(0, std::min(end + 1, names.size()));
    }
    return manager;
}

tool::Result<void> ServiceManager::keep(int descriptor, std::string_view name) const {
    return say(fmt::format("FDSTORE=1\nFDNAME={}", name), std::array{descriptor});
}

tool::Result<void> ServiceManager::drop(std::string_view name) const {
    return say(fmt::format("FDSTOREREMOVE=1\nFDNAME={}", name));
}

tool::Result<void> ServiceManager::say(std::string_view words, std::span<const int> descriptors) const {
    if (socket_.empty()) {
        return {};
    }
    auto address = tool::unix_address(socket_);
    if (!address) {
        return tool::failure(place, "its socket's path is too long");
    }
    if (address->sun_path[0] == '@') {
        address->sun_path[0] = '\0'; // a name that is not a file's [unix(7)]
    }
    const tool::FileDescriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), size) != 0 ||
        vhost::send_part(socket.get(), words, 0, descriptors) < 0) {
        return tool::system_failure(place, "cannot be told how this service is");
    }
    return {};
}

} // namespace trv::host::serve

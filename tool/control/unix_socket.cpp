// SPDX-License-Identifier: Apache-2.0
#include "tool/control/unix_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdio>
#include <string>

namespace trv::tool::control {

namespace {

constexpr int waiting_clients = 16;

/// An address has room for about a hundred bytes, a path may be longer: it goes through the open folder.
struct SocketAddress {
    FileDescriptor folder;
    sockaddr_un address{};

    SocketAddress(const std::filesystem::path& path, const std::string& name)
        : folder{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)} {
        address.sun_family = AF_UNIX;
        const std::string text = fmt::format("/proc/self/fd/{}/{}", folder.get(), name);
        text.copy(address.sun_path, sizeof(address.sun_path) - 1);
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

} // namespace

Result<FileDescriptor> listen_in(const std::filesystem::path& folder, const char* name) {
    const std::string early_name = fmt::format("{}.new", name); // a client that sees the socket can connect
    const SocketAddress address{folder, early_name};
    FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const bool bound = address.folder && socket && ::fchmod(socket.get(), S_IRUSR | S_IWUSR) == 0 &&
                       ::bind(socket.get(), address.get(), sizeof(sockaddr_un)) == 0;
    if (!bound || ::listen(socket.get(), waiting_clients) != 0 ||
        ::renameat(address.folder.get(), early_name.c_str(), address.folder.get(), name) != 0) {
        return system_failure(folder / name, "cannot be opened for listening");
    }
    return socket;
}

Result<FileDescriptor> connect_in(const std::filesystem::path& folder, const char* name) {
    const SocketAddress address{folder, name};
    FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!address.folder || !socket || ::connect(socket.get(), address.get(), sizeof(sockaddr_un)) != 0) {
        return system_failure(folder / name, "cannot be connected to");
    }
    return socket;
}

} // namespace trv::tool::control

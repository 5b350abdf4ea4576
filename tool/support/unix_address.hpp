// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace trv::tool {

/// The address of a socket that is a file [unix(7)]. @return nothing if the path is too long for one
[[nodiscard]] inline std::optional<sockaddr_un> unix_address(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return std::nullopt;
    }
    std::ranges::copy(path, address.sun_path);
    return address;
}

} // namespace trv::tool

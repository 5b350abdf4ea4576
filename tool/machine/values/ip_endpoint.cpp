// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/ip_endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace trv::tool::machine {

bool is_ip_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return !text.contains('\0') && (::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
                                    ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
}

std::optional<unsigned> parse_port(std::string_view text) {
    unsigned port = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = end.ec == std::errc{} && end.ptr == text.data() + text.size();
    return whole && port != 0 && port <= last_port ? std::optional{port} : std::nullopt;
}

std::optional<IpEndpoint> parse_endpoint(std::string_view text, unsigned default_port) {
    std::string_view address = text;
    std::optional<unsigned> port = default_port;
    const bool bracketed = text.starts_with('[');
    if (bracketed || std::ranges::count(text, ':') == 1) {
        const auto colon = bracketed ? text.rfind("]:") + 1 : text.find(':');
        if (colon == 0) { // no "]:"
            return std::nullopt;
        }
        port = parse_port(text.substr(colon + 1));
        address = bracketed ? text.substr(1, colon - 2) : text.substr(0, colon);
    }
    IpEndpoint endpoint{.address = std::string{address}, .port = port.value_or(0)};
    return port && is_ip_address(endpoint.address) ? std::optional{std::move(endpoint)} : std::nullopt;
}

} // namespace trv::tool::machine

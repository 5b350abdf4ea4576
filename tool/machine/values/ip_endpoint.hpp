// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::machine {

inline constexpr unsigned last_port = 65535;

/// Whether it is an address of IPv4 or IPv6, in numbers.
[[nodiscard]] bool is_ip_address(const std::string& text);

/// The number that the whole text is, from 1 to the last port.
[[nodiscard]] std::optional<unsigned> parse_port(std::string_view text);

struct IpEndpoint {
    std::string address{};
    unsigned port = 0;

    bool operator==(const IpEndpoint&) const = default;
};

/// "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT"; an address of IPv6 with a port has brackets.
[[nodiscard]] std::optional<IpEndpoint> parse_endpoint(std::string_view text, unsigned default_port);

} // namespace trv::tool::machine

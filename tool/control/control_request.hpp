// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::control {

/// The first line that a client of a running machine sends; docs/internals/control-socket.md is the contract.
struct ControlRequest {
    enum class Kind { Command, Console, Agent, Tee, Events };
    Kind kind;
    std::string text{}; // the monitor's command line, or the VM's name; Events: none
};

/// The maximum line length of the hypervisor's monitor.
inline constexpr std::size_t longest_command = 240;

/// Nothing if the line is not a request.
[[nodiscard]] std::optional<ControlRequest> parse_control_request(std::string_view line);

[[nodiscard]] std::string to_line(const ControlRequest& request);

/// The reply to a request for an agent has the first of this client's request numbers: requests with them get their
/// replies sent to it, and to no other client.
inline constexpr unsigned agent_ids_start = 1'000'000;
inline constexpr unsigned agent_ids_of_client = 1'000;
[[nodiscard]] std::string agent_line(unsigned first_id, bool ready);

/// A reply line that reports success or an error.
[[nodiscard]] std::string ok_line();
[[nodiscard]] std::string error_line(std::string_view error);

} // namespace trv::tool::control

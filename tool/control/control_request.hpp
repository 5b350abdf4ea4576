#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::control {

/// The first line that a client of a running machine sends; docs/internals/control-socket.md is the contract.
struct ControlRequest {
    enum class Kind { Command, Console, Agent };
    Kind kind;
    std::string text; // the monitor's command line, or the VM's name
};

/// The hypervisor's monitor takes no longer line.
inline constexpr std::size_t longest_command = 240;

/// Nothing when the line is no request.
[[nodiscard]] std::optional<ControlRequest> parse_control_request(std::string_view line);

[[nodiscard]] std::string to_line(const ControlRequest& request);

/// Answers to a request for an agent tell the first of the numbers that are this client's: requests with them get their
/// replies sent to it, and to no other client.
inline constexpr unsigned agent_ids_start = 1'000'000;
inline constexpr unsigned agent_ids_of_client = 1'000;
[[nodiscard]] std::string agent_line(unsigned first_id, bool ready);

/// A line that says that all is well, or what is not.
[[nodiscard]] std::string ok_line();
[[nodiscard]] std::string error_line(std::string_view error);

} // namespace trv::tool::control

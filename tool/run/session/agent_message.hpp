// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::run {

/// A message from a guest agent; docs/internals/machine-tree.md, "The guest agent", is the contract.
struct AgentMessage {
    enum class Kind { Hello, Exit, Error };
    Kind kind;
    std::uint32_t id = 0; // Exit: which request
    int code = 0;         // Exit: how it ended; Hello: the protocol's version
    std::string text{};   // Error: what was not understood
};

/// Parses a line of an agent port; nothing if it is not a message. The guest may write anything there.
[[nodiscard]] std::optional<AgentMessage> parse_agent_message(std::string_view line);

/// The request to run `command`.
[[nodiscard]] std::string exec_request(std::uint32_t id, std::string_view command);

/// The request to shut down the VM.
inline constexpr std::string_view poweroff_request = "poweroff\n";

} // namespace trv::tool::run

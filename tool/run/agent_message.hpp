#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::runs {

/// What a guest agent says; docs/internals/machine-tree.md, "The guest agent", is the contract.
struct AgentMessage {
    enum class Kind { Hello, Exit, Error };
    Kind kind;
    std::uint32_t id = 0; // Exit: which request
    int code = 0;         // Exit: how it ended; Hello: the protocol's version
    std::string text{};   // Error: what was not understood
};

/// Reads a line of an agent port; nothing when it is not a message. The guest may write whatever it likes there.
[[nodiscard]] std::optional<AgentMessage> parse_agent_message(std::string_view line);

/// The line that asks an agent to run `command`.
[[nodiscard]] std::string exec_request(std::uint32_t id, std::string_view command);

/// The line that asks an agent to shut its VM down.
inline constexpr std::string_view poweroff_request = "poweroff\n";

} // namespace trv::tool::runs

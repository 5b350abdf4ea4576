// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/agent.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::run {

/// A reply of a guest's agent.
struct AgentReply {
    contract::agent::Reply kind;
    std::uint32_t id = 0;  // the request's number; none for Hello and Error
    std::int32_t code = 0; // Exit: how it ended; Ack: bytes; Hello: the protocol's version
    std::string text{};    // Output: the bytes; Sum: the MD5; Failed, Error: the reason
};

/// Parses a line of an agent port; nothing if it is not a reply. The guest may write anything there.
[[nodiscard]] std::optional<AgentReply> parse_agent_reply(std::string_view line);

/// A line with its end.
/// @param numbers  the request's, in their order
/// @param bytes    its last part, not yet encoded
[[nodiscard]] std::string agent_request(contract::agent::Request kind, std::uint32_t id = 0,
                                        std::array<std::uint64_t, 2> numbers = {}, std::string_view bytes = {});

} // namespace trv::tool::run

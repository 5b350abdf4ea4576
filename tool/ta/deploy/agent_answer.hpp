// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::ta {

/// A line from a guest's agent; docs/internals/machine-tree.md, "The guest agent", is the contract.
struct AgentAnswer {
    enum class Kind { Hello, Ack, Sum, Output, Exit, Failed, Error };
    Kind kind;
    std::uint32_t id = 0;  ///< the request's number; none for Hello and Error
    std::string text = {}; ///< Sum: the MD5; Output: the bytes; Exit: the code; Failed, Error: the reason
};

/// Nothing if the line is none of these: the guest may write anything.
[[nodiscard]] std::optional<AgentAnswer> parse_agent_answer(std::string_view line);

} // namespace trv::tool::ta

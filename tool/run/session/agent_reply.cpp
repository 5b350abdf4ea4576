// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/agent_reply.hpp"

#include <limits>

namespace trv::tool::run {

namespace agent = contract::agent;

std::optional<AgentReply> parse_agent_reply(std::string_view line) {
    const auto message = agent::parse<agent::Reply>(line);
    const auto fits = [](std::uint64_t number, std::uint64_t most) { return number <= most; };
    if (!message || !fits(message->id, std::numeric_limits<std::uint32_t>::max()) ||
        !fits(message->numbers[0], std::numeric_limits<std::int32_t>::max())) {
        return std::nullopt;
    }
    AgentReply reply{.kind = message->kind,
                     .id = static_cast<std::uint32_t>(message->id),
                     .code = static_cast<std::int32_t>(message->numbers[0]),
                     .text = std::string{message->text}};
    if (reply.kind == agent::Reply::Output) {
        auto bytes = contract::decode_base64<std::string>(message->text);
        if (!bytes) {
            return std::nullopt;
        }
        reply.text = *std::move(bytes);
    }
    return reply;
}

std::string agent_request(agent::Request kind, std::uint32_t id, std::array<std::uint64_t, 2> numbers,
                          std::string_view bytes) {
    return agent::line<std::string>(
        agent::Message<agent::Request>{.kind = kind, .id = id, .numbers = numbers, .text = bytes});
}

} // namespace trv::tool::run

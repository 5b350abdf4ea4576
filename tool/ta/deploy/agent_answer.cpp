// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/agent_answer.hpp"

#include "guests/linux/agent/base64.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace trv::tool::ta {
namespace {

using Kind = AgentAnswer::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 5> numbered{{{"ack ", Kind::Ack},
                                                                     {"sum ", Kind::Sum},
                                                                     {"output ", Kind::Output},
                                                                     {"exit ", Kind::Exit},
                                                                     {"failed ", Kind::Failed}}};

std::optional<AgentAnswer> parse_numbered(Kind kind, std::string_view rest) {
    AgentAnswer answer{.kind = kind};
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), answer.id);
    const auto space = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc{} || space >= rest.size() || rest[space] != ' ') {
        return std::nullopt;
    }
    answer.text = rest.substr(space + 1);
    if (kind == Kind::Output) {
        auto bytes = guest::decode_base64(answer.text);
        if (!bytes) {
            return std::nullopt;
        }
        answer.text = *std::move(bytes);
    }
    return answer;
}

} // namespace

std::optional<AgentAnswer> parse_agent_answer(std::string_view line) {
    for (const auto& [word, kind] : numbered) {
        if (line.starts_with(word)) {
            return parse_numbered(kind, line.substr(word.size()));
        }
    }
    if (line.starts_with("hello ")) {
        return AgentAnswer{.kind = Kind::Hello};
    }
    if (line.starts_with("error ")) {
        return AgentAnswer{.kind = Kind::Error, .text = std::string(line.substr(6))};
    }
    return std::nullopt;
}

} // namespace trv::tool::ta

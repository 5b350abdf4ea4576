// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/agent_message.hpp"

#include "guests/linux/agent/base64.hpp"

#include <fmt/format.h>

#include <charconv>

namespace trv::tool::run {

namespace {

/// Removes and returns the first word of `text`.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

template <typename Number>
std::optional<Number> number(std::string_view word) {
    Number value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) {
        return std::nullopt;
    }
    return value;
}

} // namespace

std::optional<AgentMessage> parse_agent_message(std::string_view line) {
    const std::string_view kind = take_word(line);
    if (kind == "error") {
        return AgentMessage{.kind = AgentMessage::Kind::Error, .text = std::string{line}};
    }
    if (kind == "hello") {
        const auto version = number<int>(take_word(line));
        if (!version || !line.empty()) {
            return std::nullopt;
        }
        return AgentMessage{.kind = AgentMessage::Kind::Hello, .code = *version};
    }
    if (kind == "exit") {
        const auto id = number<std::uint32_t>(take_word(line));
        const auto code = number<int>(take_word(line));
        if (!id || !code || !line.empty()) {
            return std::nullopt;
        }
        return AgentMessage{.kind = AgentMessage::Kind::Exit, .id = *id, .code = *code};
    }
    return std::nullopt;
}

std::string exec_request(std::uint32_t id, std::string_view command) {
    return fmt::format("exec {} {}\n", id, guest::encode_base64(command));
}

} // namespace trv::tool::run

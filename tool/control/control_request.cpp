// SPDX-License-Identifier: Apache-2.0
#include "tool/control/control_request.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace trv::tool::control {

namespace {

using Kind = ControlRequest::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 4> words{
    {{"command ", Kind::Command}, {"console ", Kind::Console}, {"agent ", Kind::Agent}, {"tee ", Kind::Tee}}};
constexpr std::string_view events_word = "events"; // has no argument

} // namespace

std::optional<ControlRequest> parse_control_request(std::string_view line) {
    for (const auto& [word, kind] : words) {
        if (line.starts_with(word) && line.size() > word.size() && line.size() - word.size() <= longest_command) {
            return ControlRequest{.kind = kind, .text = std::string{line.substr(word.size())}};
        }
    }
    return line == events_word ? std::optional{ControlRequest{.kind = Kind::Events}} : std::nullopt;
}

std::string to_line(const ControlRequest& request) {
    for (const auto& [word, kind] : words) {
        if (kind == request.kind) {
            return std::string{word} + request.text + "\n";
        }
    }
    return std::string{events_word} + "\n";
}

std::string agent_line(unsigned first_id, bool ready) {
    return nlohmann::json{{"ok", true}, {"first_id", first_id}, {"ready", ready}}.dump() + "\n";
}

std::string ok_line() {
    return nlohmann::json{{"ok", true}}.dump() + "\n";
}

std::string error_line(std::string_view error) {
    return nlohmann::json{{"ok", false}, {"error", error}}.dump() + "\n";
}

} // namespace trv::tool::control

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The lines between the tool and the agent: docs/internals/machine-tree.md, "The guest agent".
namespace trv::guest {

struct ExecRequest {
    std::uint64_t id = 0;
    std::string script;
};
struct PowerOffRequest {};
struct UnknownRequest {
    std::string reason;
};
using Request = std::variant<ExecRequest, PowerOffRequest, UnknownRequest>;

/// A line without its newline; a carriage return at its end is dropped.
[[nodiscard]] Request parse_request(std::string_view line);

/// Standard base64 with padding; nothing when the text is anything else.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

[[nodiscard]] std::string hello_line();
[[nodiscard]] std::string exit_line(std::uint64_t id, int code);
[[nodiscard]] std::string error_line(std::string_view reason);

} // namespace trv::guest

#include "guests/linux/agent/protocol.hpp"

#include <charconv>

namespace trv::guest {
namespace {

constexpr std::string_view exec_word = "exec ";
constexpr std::size_t group_size = 4; // characters that carry three bytes

/// The six bits a character stands for, -1 for any other character.
int sextet(char letter) {
    if (letter >= 'A' && letter <= 'Z') {
        return letter - 'A';
    }
    if (letter >= 'a' && letter <= 'z') {
        return letter - 'a' + 26;
    }
    if (letter >= '0' && letter <= '9') {
        return letter - '0' + 52;
    }
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
}

Request parse_exec(std::string_view arguments) {
    const std::size_t space = arguments.find(' ');
    if (space == std::string_view::npos) {
        return UnknownRequest{"exec needs a number and a command"};
    }
    ExecRequest request;
    const std::string_view number = arguments.substr(0, space);
    const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), request.id);
    if (failed != std::errc() || end != number.data() + number.size()) {
        return UnknownRequest{"exec's number is not a decimal number"};
    }
    std::optional<std::string> script = decode_base64(arguments.substr(space + 1));
    if (!script) {
        return UnknownRequest{"exec's command is not base64"};
    }
    request.script = *std::move(script);
    return request;
}

} // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % group_size != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    std::string bytes;
    std::uint32_t bits = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const bool padded = index >= text.size() - padding;
        const int value = padded ? 0 : sextet(text[index]);
        if (value < 0) {
            return std::nullopt;
        }
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        if (index % group_size == group_size - 1) {
            for (const unsigned shift : {16U, 8U, 0U}) {
                bytes += static_cast<char>(bits >> shift & 0xffU);
            }
            bits = 0;
        }
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

Request parse_request(std::string_view line) {
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (line == "poweroff") {
        return PowerOffRequest{};
    }
    if (line.starts_with(exec_word)) {
        return parse_exec(line.substr(exec_word.size()));
    }
    return UnknownRequest{"no such request"};
}

std::string hello_line() {
    return "hello 1\n";
}

std::string exit_line(std::uint64_t id, int code) {
    return "exit " + std::to_string(id) + " " + std::to_string(code) + "\n";
}

std::string error_line(std::string_view reason) {
    return "error " + std::string(reason) + "\n";
}

} // namespace trv::guest

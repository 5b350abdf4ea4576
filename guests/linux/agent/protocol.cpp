// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/protocol.hpp"

#include "guests/linux/agent/base64.hpp"

#include <algorithm>
#include <charconv>

namespace trv::guest {
namespace {

/// Takes the words of a line off, one by one.
class Words {
  public:
    explicit Words(std::string_view line) : rest_(line) {}

    std::string_view next() {
        const std::size_t end = rest_.find(' ');
        const std::string_view word = rest_.substr(0, end);
        rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        return word;
    }

    template <typename Number>
    std::optional<Number> number(int base = 10) {
        const std::string_view word = next();
        Number value = 0;
        const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value, base);
        return failed == std::errc() && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
    }

    /// The last word of a line.
    std::optional<std::string> last_base64() {
        const std::string_view word = next();
        return rest_.empty() ? decode_base64(word) : std::nullopt;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

Request parse_exec(std::string_view arguments) {
    if (arguments.find(' ') == std::string_view::npos) {
        return UnknownRequest{"exec needs a number and a command"};
    }
    Words words(arguments);
    const auto id = words.number<std::uint64_t>();
    if (!id) {
        return UnknownRequest{"exec's number is not a decimal number"};
    }
    std::optional<std::string> script = words.last_base64();
    if (!script) {
        return UnknownRequest{"exec's command is not base64"};
    }
    return ExecRequest{*id, *std::move(script)};
}

Request parse_put(std::uint64_t id, Words& words) {
    const auto mode = words.number<unsigned>(8);
    const auto size = words.number<std::uint64_t>();
    std::optional<std::string> path = words.last_base64();
    if (!mode || !size || !path || path->empty() || *mode > 07777U) {
        return UnknownRequest{"put needs an octal mode, a size and a path in base64", id};
    }
    return PutRequest{id, *mode, *size, *std::move(path)};
}

Request parse_copy(std::uint64_t id, Words& words) {
    const auto offset = words.number<std::uint64_t>();
    const auto size = words.number<std::uint64_t>();
    if (!offset || !size || !words.at_end()) {
        return UnknownRequest{"copy needs an offset and a size", id};
    }
    return CopyRequest{id, *offset, *size};
}

/// The requests whose last part is text or bytes in base64.
Request parse_encoded(std::string_view kind, std::uint64_t id, Words& words) {
    std::optional<std::string> decoded = words.last_base64();
    if (!decoded) {
        return UnknownRequest{std::string(kind) + " needs one part in base64", id};
    }
    if (kind == "data") {
        return DataRequest{id, *std::move(decoded)};
    }
    if (kind == "sum") {
        return SumRequest{id, *std::move(decoded)};
    }
    return CaptureRequest{id, *std::move(decoded)};
}

std::string numbered(std::string_view kind, std::uint64_t id, std::string_view text) {
    return std::string(kind) + " " + std::to_string(id) + " " + std::string(text) + "\n";
}

} // namespace

Request parse_request(std::string_view line) {
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (line == "poweroff") {
        return PowerOffRequest{};
    }
    Words words(line);
    const std::string_view kind = words.next();
    if (kind == "exec") {
        return parse_exec(line.substr(std::min(line.size(), kind.size() + 1)));
    }
    if (kind != "put" && kind != "data" && kind != "sum" && kind != "capture" && kind != "kill" && kind != "copy") {
        return UnknownRequest{"no such request"};
    }
    const auto id = words.number<std::uint64_t>();
    if (!id) {
        return UnknownRequest{std::string(kind) + "'s number is not a decimal number"};
    }
    if (kind == "kill") {
        return words.at_end() ? Request(KillRequest{*id}) : UnknownRequest{"kill needs only a number", id};
    }
    if (kind == "copy") {
        return parse_copy(*id, words);
    }
    return kind == "put" ? parse_put(*id, words) : parse_encoded(kind, *id, words);
}

std::string hello_line() {
    return "hello 1\n";
}

std::string exit_line(std::uint64_t id, int code) {
    return numbered("exit", id, std::to_string(code));
}

std::string error_line(std::string_view reason) {
    return "error " + std::string(reason) + "\n";
}

std::string ack_line(std::uint64_t id, std::uint64_t received) {
    return numbered("ack", id, std::to_string(received));
}

std::string sum_line(std::uint64_t id, std::string_view md5) {
    return numbered("sum", id, md5);
}

std::string output_line(std::uint64_t id, std::string_view bytes) {
    return numbered("output", id, encode_base64(bytes));
}

std::string failed_line(std::uint64_t id, std::string_view reason) {
    return numbered("failed", id, reason);
}

} // namespace trv::guest

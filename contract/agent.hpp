// SPDX-License-Identifier: Apache-2.0
#pragma once
// The lines between the tool and a guest's agent, on the VM's agent channel. A line is a word and its parts, separated by
// one space each. Each line has one row here, from which both ends read and write it.

#include "contract/base64.hpp"
#include "contract/rows.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace trv::contract::agent {

inline constexpr unsigned version = 1;
/// The UART queues 4 KiB for a guest and drops the rest: no line is longer, and the next one follows its answer.
inline constexpr std::size_t longest_line = 3 * 1024;
/// A larger file is not a trusted application, and would exhaust the guest's memory.
inline constexpr std::uint64_t largest_file = 64 * 1024 * 1024;

/// From the tool to the guest.
enum class Request : std::uint8_t { Exec, Capture, Kill, Put, Data, Copy, Sum, PowerOff };
/// From the guest to the tool.
enum class Reply : std::uint8_t { Hello, Exit, Output, Ack, Sum, Failed, Error };

enum class Part : std::uint8_t {
    Id,     ///< the request's number, decimal
    Number, ///< decimal
    Mode,   ///< octal, at most 7777
    Bytes,  ///< Base64
    Word,
    Text, ///< the rest of the line
};

/// A kind of line.
template <typename Kind>
struct Row {
    Kind kind;
    std::string_view word;
    std::span<const Part> parts;
    std::string_view shown;   ///< the parts' names, for the reference page
    std::string_view meaning; ///< likewise
};

namespace parts {
inline constexpr Part id[] = {Part::Id};
inline constexpr Part id_bytes[] = {Part::Id, Part::Bytes};
inline constexpr Part id_number[] = {Part::Id, Part::Number};
inline constexpr Part id_word[] = {Part::Id, Part::Word};
inline constexpr Part id_text[] = {Part::Id, Part::Text};
inline constexpr Part put[] = {Part::Id, Part::Mode, Part::Number, Part::Bytes};
inline constexpr Part copy[] = {Part::Id, Part::Number, Part::Number};
inline constexpr Part number[] = {Part::Number};
inline constexpr Part text[] = {Part::Text};
} // namespace parts

inline constexpr Row<Request> request_rows[] = {
    {Request::Exec, "exec", parts::id_bytes, "ID BASE64",
     "run the decoded text with `sh -c` on the console; several run in order"},
    {Request::Capture, "capture", parts::id_bytes, "ID BASE64",
     "run the decoded text with `sh -c` in the background; several run at the same time"},
    {Request::Kill, "kill", parts::id, "ID", "kill it and all its processes with SIGKILL"},
    {Request::Put, "put", parts::put, "ID MODE SIZE BASE64",
     "create a file of SIZE bytes (at most 64 MiB) with octal MODE at the decoded absolute path"},
    {Request::Data, "data", parts::id_bytes, "ID BASE64", "the file's next bytes"},
    {Request::Copy, "copy", parts::copy, "ID OFFSET SIZE",
     "the file's next bytes are those at OFFSET of the existing file at the path"},
    {Request::Sum, "sum", parts::id_bytes, "ID BASE64", "report the MD5 of the file at the decoded path"},
    {Request::PowerOff, "poweroff", {}, "", "shut down"},
};
inline constexpr Row<Reply> reply_rows[] = {
    {Reply::Hello, "hello", parts::number, "1", "the agent is up (again after a reboot); 1 is the protocol's version"},
    {Reply::Exit, "exit", parts::id_number, "ID CODE",
     "the script exited with CODE (128 + signal if killed); its output has been written"},
    {Reply::Output, "output", parts::id_bytes, "ID BASE64",
     "a piece of its output (stdout and stderr); its `exit` follows the last piece"},
    {Reply::Ack, "ack", parts::id_number, "ID BYTES", "the agent has BYTES bytes; send the next piece"},
    {Reply::Sum, "sum", parts::id_word, "ID MD5",
     "the MD5; also the reply to a put's last piece, read back from the final file"},
    {Reply::Failed, "failed", parts::id_text, "ID REASON",
     "the request with this number failed; a failed put has ended"},
    {Reply::Error, "error", parts::text, "TEXT", "a request is invalid"},
};

static_assert(is_in_order(request_rows, &Row<Request>::kind) && is_in_order(reply_rows, &Row<Reply>::kind));

template <typename Kind>
[[nodiscard]] constexpr std::span<const Row<Kind>> rows() {
    if constexpr (std::same_as<Kind, Request>) {
        return request_rows;
    } else {
        return reply_rows;
    }
}
template <typename Kind>
[[nodiscard]] constexpr const Row<Kind>& row_of(Kind kind) {
    return rows<Kind>()[static_cast<std::size_t>(kind)];
}

/// A line that was read; its views lie in the line.
template <typename Kind>
struct Message {
    Kind kind;
    std::uint64_t id = 0;
    std::array<std::uint64_t, 2> numbers{}; ///< its numbers and its mode, in their order
    std::string_view text{};                ///< its last part, if that is text; bytes are still Base64
};

/// What is wrong with a line.
template <typename Kind>
struct Mistake {
    enum class What : std::uint8_t { UnknownWord, BadId, TooFewParts, BadPart };
    What what;
    std::optional<Kind> kind = std::nullopt;        ///< unless the word is unknown
    std::optional<std::uint64_t> id = std::nullopt; ///< if the line has a sound one
};

/// Removes and returns the first word of `text`, and the space after it.
[[nodiscard]] constexpr std::string_view take_word(std::string_view& text) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

/// A number without sign, and without anything else.
[[nodiscard]] constexpr std::optional<std::uint64_t> parse_number(std::string_view word, unsigned base = 10) {
    std::uint64_t value = 0;
    for (const char c : word) {
        const auto digit = static_cast<unsigned>(c - '0');
        if (c < '0' || digit >= base || value > (~std::uint64_t{0} - digit) / base) {
            return std::nullopt;
        }
        value = value * base + digit;
    }
    return word.empty() ? std::nullopt : std::optional(value);
}

inline constexpr std::uint64_t most_mode = 07777;

/// @param line without its end
template <typename Kind>
[[nodiscard]] constexpr std::expected<Message<Kind>, Mistake<Kind>> parse(std::string_view line) {
    using What = typename Mistake<Kind>::What;
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    const Row<Kind>* row = nullptr;
    for (const Row<Kind>& each : rows<Kind>()) {
        row = each.word == word ? &each : row;
    }
    if (row == nullptr || (row->parts.empty() && line.size() != word.size())) {
        return std::unexpected(Mistake<Kind>{.what = What::UnknownWord});
    }
    Message<Kind> message{.kind = row->kind};
    Mistake<Kind> mistake{.what = What::BadPart, .kind = row->kind};
    std::size_t numbers = 0;
    bool ended = word.size() == line.size();
    for (const Part part : row->parts) {
        if (ended) {
            mistake.what = What::TooFewParts;
            return std::unexpected(mistake);
        }
        if (part == Part::Text) {
            message.text = rest;
            return message;
        }
        const std::size_t before = rest.size();
        const std::string_view value = take_word(rest);
        ended = before == value.size();
        if (part == Part::Bytes || part == Part::Word) {
            message.text = value;
            continue;
        }
        const std::optional<std::uint64_t> number = parse_number(value, part == Part::Mode ? 8 : 10);
        if (!number || (part == Part::Mode && *number > most_mode)) {
            mistake.what = part == Part::Id ? What::BadId : What::BadPart;
            return std::unexpected(mistake);
        }
        if (part == Part::Id) {
            message.id = *number;
            mistake.id = number;
        } else {
            message.numbers[numbers++] = *number;
        }
    }
    if (!ended) {
        return std::unexpected(mistake);
    }
    return message;
}

/// Calls `put(char)` for each character of a line, its end included: the inverse of parse().
/// @param message its text, if that is bytes, not yet encoded
template <typename Kind, typename Put>
constexpr void write(const Message<Kind>& message, Put put) {
    const auto put_text = [&](std::string_view text) {
        for (const char c : text) {
            put(c);
        }
    };
    const auto put_number = [&](std::uint64_t value, unsigned base) {
        std::array<char, 24> digits;
        std::size_t at = digits.size();
        do {
            digits[--at] = static_cast<char>('0' + value % base);
            value /= base;
        } while (value != 0);
        put_text({digits.data() + at, digits.size() - at});
    };
    const Row<Kind>& row = row_of(message.kind);
    put_text(row.word);
    std::size_t numbers = 0;
    for (const Part part : row.parts) {
        put(' ');
        switch (part) {
        case Part::Id:
            put_number(message.id, 10);
            break;
        case Part::Number:
            put_number(message.numbers[numbers++], 10);
            break;
        case Part::Mode:
            put_number(message.numbers[numbers++], 8);
            break;
        case Part::Bytes:
            encode_base64_each(message.text, put);
            break;
        case Part::Word:
        case Part::Text:
            put_text(message.text);
            break;
        }
    }
    put('\n');
}

/// The line as a string of the caller's type.
template <typename String, typename Kind>
[[nodiscard]] constexpr String line(const Message<Kind>& message) {
    String text;
    write(message, [&](char c) { text.push_back(c); });
    return text;
}

} // namespace trv::contract::agent

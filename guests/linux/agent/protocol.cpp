// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/protocol.hpp"

#include "contract/agent.hpp"

namespace trv::guest {
namespace {

namespace agent = contract::agent;
using Kind = agent::Request;
using Mistake = agent::Mistake<Kind>;

std::string word_of(Kind kind) {
    return std::string(agent::row_of(kind).word);
}

/// What a request needs, beside its number.
std::string needs(Kind kind) {
    switch (kind) {
    case Kind::Put:
        return "put needs an octal mode, a size and a path in base64";
    case Kind::Copy:
        return "copy needs an offset and a size";
    case Kind::Kill:
        return "kill needs only a number";
    default:
        return word_of(kind) + " needs one part in base64";
    }
}

/// `exec` has no answer with a number that is not its exit code.
UnknownRequest refuse_exec(const Mistake& mistake) {
    return {mistake.what == Mistake::What::TooFewParts ? "exec needs a number and a command"
            : mistake.what == Mistake::What::BadId     ? "exec's number is not a decimal number"
                                                       : "exec's command is not base64"};
}

UnknownRequest refuse(const Mistake& mistake) {
    if (!mistake.kind) {
        return {"no such request"};
    }
    if (*mistake.kind == Kind::Exec) {
        return refuse_exec(mistake);
    }
    if (!mistake.id) {
        return {word_of(*mistake.kind) + "'s number is not a decimal number"};
    }
    return {needs(*mistake.kind), mistake.id};
}

Request request_from(const agent::Message<Kind>& message, std::string text) {
    switch (message.kind) {
    case Kind::Exec:
        return ExecRequest{message.id, std::move(text)};
    case Kind::Capture:
        return CaptureRequest{message.id, std::move(text)};
    case Kind::Kill:
        return KillRequest{message.id};
    case Kind::Put:
        return PutRequest{message.id, static_cast<unsigned>(message.numbers[0]), message.numbers[1], std::move(text)};
    case Kind::Data:
        return DataRequest{message.id, std::move(text)};
    case Kind::Copy:
        return CopyRequest{message.id, message.numbers[0], message.numbers[1]};
    case Kind::Sum:
        return SumRequest{message.id, std::move(text)};
    case Kind::PowerOff:
        break;
    }
    return PowerOffRequest{};
}

std::string line(agent::Reply kind, std::uint64_t id, std::uint64_t number, std::string_view text) {
    return agent::line<std::string>(
        agent::Message<agent::Reply>{.kind = kind, .id = id, .numbers = {number}, .text = text});
}

} // namespace

Request parse_request(std::string_view line) {
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    const auto message = agent::parse<Kind>(line);
    if (!message) {
        return refuse(message.error());
    }
    std::optional<std::string> text = contract::decode_base64<std::string>(message->text);
    if (!text || (message->kind == Kind::Put && text->empty())) {
        return refuse({.what = Mistake::What::BadPart, .kind = message->kind, .id = message->id});
    }
    return request_from(*message, *std::move(text));
}

std::string hello_line() {
    return line(agent::Reply::Hello, 0, agent::version, {});
}

std::string exit_line(std::uint64_t id, int code) {
    return line(agent::Reply::Exit, id, static_cast<std::uint64_t>(code), {});
}

std::string error_line(std::string_view reason) {
    return line(agent::Reply::Error, 0, 0, reason);
}

std::string ack_line(std::uint64_t id, std::uint64_t received) {
    return line(agent::Reply::Ack, id, received, {});
}

std::string sum_line(std::uint64_t id, std::string_view md5) {
    return line(agent::Reply::Sum, id, 0, md5);
}

std::string output_line(std::uint64_t id, std::string_view bytes) {
    return line(agent::Reply::Output, id, 0, bytes);
}

std::string failed_line(std::uint64_t id, std::string_view reason) {
    return line(agent::Reply::Failed, id, 0, reason);
}

} // namespace trv::guest

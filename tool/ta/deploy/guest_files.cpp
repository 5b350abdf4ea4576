// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/guest_files.hpp"

#include "tool/support/files.hpp"
#include "tool/ta/deploy/file_delta.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::ta {
namespace {

using contract::agent::Reply;
using contract::agent::Request;

/// The sum of the existing file; empty if there is none.
Result<std::string> sum_there(AgentLink& link, const std::string& path) {
    const std::uint32_t id = link.next_id();
    TRY(link.send(run::agent_request(Request::Sum, id, {}, path)));
    const auto answer = link.answer(id);
    return answer ? answer->text : std::string();
}

/// Sends a piece, in several requests if it is long. Returns the reply to the last one.
Result<run::AgentReply> send_piece(AgentLink& link, std::uint32_t id, const Piece& piece) {
    if (piece.in_old) {
        TRY(link.send(copy_request(id, piece)));
        return link.answer(id);
    }
    run::AgentReply answer{.kind = Reply::Ack};
    for (std::string_view rest = piece.bytes; !rest.empty(); rest.remove_prefix(std::min(rest.size(), longest_piece))) {
        TRY(link.send(data_request(id, rest.substr(0, longest_piece))));
        answer = TRY(link.answer(id));
    }
    return answer;
}

} // namespace

std::string put_request(std::uint32_t id, const GuestFile& file) {
    return run::agent_request(Request::Put, id, {file.mode, file.content.size()}, file.path);
}

std::string data_request(std::uint32_t id, std::string_view piece) {
    return run::agent_request(Request::Data, id, {}, piece);
}

std::string copy_request(std::uint32_t id, const Piece& piece) {
    return run::agent_request(Request::Copy, id, {piece.old_offset, piece.bytes.size()});
}

Result<PutResult> put_file(AgentLink& link, const GuestFile& file) {
    PutResult result{.sum_here = md5(file.content), .sum_there = TRY(sum_there(link, file.path))};
    result.was_there = result.sum_here == result.sum_there;
    if (result.was_there) {
        return result;
    }
    std::string old = file.memory.empty() ? "" : read_file(file.memory).value_or("");
    if (md5(old) != result.sum_there) {
        old.clear();
    }
    const std::uint32_t id = link.next_id();
    TRY(link.send(put_request(id, file)));
    run::AgentReply answer = TRY(link.answer(id));
    for (const Piece& piece : file_delta(old, file.content)) {
        answer = TRY(send_piece(link, id, piece));
    }
    result.sum_there = answer.text;
    if (answer.kind != Reply::Sum || result.sum_there != result.sum_here) {
        return failure(
            "VM " + link.vm(),
            fmt::format("{} has MD5 {} in the VM and {} on the host", file.path, result.sum_there, result.sum_here),
            "Run the command again; if this persists, the machine's console is losing bytes.");
    }
    if (!file.memory.empty()) {
        TRY(write_file(file.memory, file.content));
    }
    return result;
}

} // namespace trv::tool::ta

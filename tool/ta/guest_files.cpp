#include "tool/ta/guest_files.hpp"

#include "guests/linux/agent/base64.hpp"
#include "tool/ta/file_sum.hpp"

#include <fmt/format.h>

namespace trv::tool::ta {
namespace {

/// The sum of the file that is there; empty when none is.
Result<std::string> sum_there(AgentLink& link, const std::string& path) {
    const std::uint32_t id = link.next_id();
    TRY(link.send(fmt::format("sum {} {}\n", id, guest::encode_base64(path))));
    const auto answer = link.answer(id);
    return answer ? answer->text : std::string();
}

} // namespace

std::string put_request(std::uint32_t id, const GuestFile& file) {
    return fmt::format("put {} {:o} {} {}\n", id, file.mode, file.content.size(), guest::encode_base64(file.path));
}

std::string data_request(std::uint32_t id, std::string_view piece) {
    return fmt::format("data {} {}\n", id, guest::encode_base64(piece));
}

Result<PutResult> put_file(AgentLink& link, const GuestFile& file) {
    PutResult result{.sum_here = md5(file.content), .sum_there = TRY(sum_there(link, file.path))};
    result.was_there = result.sum_here == result.sum_there;
    if (result.was_there) {
        return result;
    }
    const std::uint32_t id = link.next_id();
    TRY(link.send(put_request(id, file)));
    AgentAnswer answer = TRY(link.answer(id));
    std::string_view rest = file.content;
    while (answer.kind == AgentAnswer::Kind::Ack && !rest.empty()) {
        const std::string_view piece = rest.substr(0, longest_piece);
        TRY(link.send(data_request(id, piece)));
        answer = TRY(link.answer(id));
        rest.remove_prefix(piece.size());
    }
    result.sum_there = answer.text;
    if (answer.kind != AgentAnswer::Kind::Sum || result.sum_there != result.sum_here) {
        return failure("VM " + link.vm(),
                       fmt::format("{} has the MD5 {} there and {} here", file.path, result.sum_there, result.sum_here),
                       "Run the command again; when it stays so, the machine's console loses bytes.");
    }
    return result;
}

} // namespace trv::tool::ta

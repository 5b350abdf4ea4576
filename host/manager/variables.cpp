// SPDX-License-Identifier: Apache-2.0
#include "host/manager/variables.hpp"

#include <fmt/format.h>

namespace trv::host::manager {

namespace {

using contract::manager::Command;
using contract::manager::largest_variables_piece;
using contract::manager::variables_size;

std::unexpected<tool::Error> refused(const std::string& name, Command command, Verdict verdict) {
    return tool::failure("VM " + name,
                         fmt::format("{}: {}", contract::manager::row_of(command).name, text_of(verdict)));
}

} // namespace

Result<void> Variables::write(std::string_view content) {
    for (std::size_t at = 0; at < content.size(); at += largest_variables_piece) {
        Arguments arguments;
        arguments[0] = {.a = handle_, .b = at};
        arguments[1].input = content.substr(at, largest_variables_piece);
        const Verdict verdict = TRY(transport_->call(Command::WriteVariables, arguments));
        if (verdict != Verdict::Success) {
            return refused(name_, Command::WriteVariables, verdict);
        }
    }
    return {};
}

Result<Verdict> Variables::read_piece(Arguments& arguments, std::size_t offset, std::size_t room, std::uint64_t kept) {
    arguments[0] = {.a = handle_, .b = offset, .c = kept};
    arguments[1].room = room;
    const Verdict verdict = TRY(transport_->call(Command::ReadVariables, arguments));
    if (verdict != Verdict::Success && verdict != Verdict::ItemNotFound) {
        return refused(name_, Command::ReadVariables, verdict);
    }
    return verdict;
}

Result<std::optional<std::uint64_t>> Variables::changes(std::uint64_t kept) {
    Arguments arguments;
    const Verdict verdict = TRY(read_piece(arguments, 0, 0, kept));
    return verdict == Verdict::Success ? std::optional{arguments[0].b} : std::nullopt;
}

Result<std::optional<std::string>> Variables::read(std::uint64_t changes, std::uint64_t kept) {
    std::string content;
    while (content.size() < variables_size) {
        Arguments arguments;
        const Verdict verdict = TRY(read_piece(arguments, content.size(), largest_variables_piece, kept));
        if (verdict == Verdict::ItemNotFound || arguments[0].b != changes) {
            return std::nullopt;
        }
        if (arguments[1].output.size() != largest_variables_piece) {
            return tool::failure("VM " + name_, fmt::format("the hypervisor answered with {} bytes for {}",
                                                            arguments[1].output.size(), largest_variables_piece));
        }
        content += arguments[1].output;
    }
    // The numbers are those before each piece: one more shows that the last pieces are of the same moment.
    const auto now = TRY(this->changes(kept));
    return now == changes ? std::optional{std::move(content)} : std::nullopt;
}

} // namespace trv::host::manager

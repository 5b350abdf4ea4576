#pragma once

#include "tool/support/error.hpp"
#include "tool/ta/agent_link.hpp"
#include "tool/ta/file_delta.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace trv::tool::ta {

/// A file as it is to stand in the VM.
struct GuestFile {
    std::string path;
    unsigned mode = 0644;
    std::string content;
    std::filesystem::path memory = {}; ///< keeps here what was put last, to send only what differs from it
};

/// How a file got there.
struct PutResult {
    std::string sum_here;
    std::string sum_there;
    bool was_there = false; ///< with this content already, so that nothing was sent
};

/// Puts a file into a running VM, unless it is there already, and compares both sides' sums: different ones are an
/// error.
[[nodiscard]] Result<PutResult> put_file(AgentLink& link, const GuestFile& file);

/// The requests that make up a put: the first announces the file, the others carry it in pieces that fit into the VM's
/// UART, which loses what its driver does not take in time. Each is sent when the one before was acknowledged.
[[nodiscard]] std::string put_request(std::uint32_t id, const GuestFile& file);
[[nodiscard]] std::string data_request(std::uint32_t id, std::string_view piece);
[[nodiscard]] std::string copy_request(std::uint32_t id, const Piece& piece);
inline constexpr std::size_t longest_piece = 1536; // 2048 characters in base64

} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/ta/deploy/agent_link.hpp"
#include "tool/ta/deploy/file_delta.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace trv::tool::ta {

/// A file for the VM.
struct GuestFile {
    std::string path;
    unsigned mode = 0644;
    std::string content;
    std::filesystem::path memory = {}; ///< holds the last content sent, to send only differences
};

/// The result of a transfer.
struct PutResult {
    std::string sum_here;
    std::string sum_there;
    bool was_there = false; ///< the VM already had this content, so nothing was sent
};

/// Copies a file into a running VM, unless the VM already has it, and compares both sides' sums; a difference is an
/// error.
[[nodiscard]] Result<PutResult> put_file(AgentLink& link, const GuestFile& file);

/// The requests of a transfer: the first announces the file, the others carry it in pieces that fit into the VM's UART,
/// which drops data that its driver does not read in time. Each is sent after the previous one was acknowledged.
[[nodiscard]] std::string put_request(std::uint32_t id, const GuestFile& file);
[[nodiscard]] std::string data_request(std::uint32_t id, std::string_view piece);
[[nodiscard]] std::string copy_request(std::uint32_t id, const Piece& piece);
inline constexpr std::size_t longest_piece = 1536; // 2048 characters in base64

} // namespace trv::tool::ta

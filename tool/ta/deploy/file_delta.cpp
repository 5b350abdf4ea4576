// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/file_delta.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace trv::tool::ta {

namespace {

/// The old file's blocks are found by their content. Any run of twice their size holds a whole one.
constexpr std::size_t block_size = 32;

std::size_t common_length(std::string_view one, std::string_view other) {
    const auto [end, ignored] = std::ranges::mismatch(one, other);
    return static_cast<std::size_t>(end - one.begin());
}

} // namespace

std::vector<Piece> file_delta(std::string_view old_file, std::string_view new_file) {
    std::unordered_map<std::string_view, std::size_t> blocks;
    for (std::size_t at = 0; at + block_size <= old_file.size(); at += block_size) {
        blocks.try_emplace(old_file.substr(at, block_size), at);
    }
    std::vector<Piece> pieces;
    std::size_t literal = 0; // the start of the bytes that are in no piece yet
    const auto flush = [&](std::size_t end) {
        if (end > literal) {
            pieces.push_back({.bytes = new_file.substr(literal, end - literal)});
        }
    };
    for (std::size_t at = 0; at < new_file.size();) {
        // Data at the same offset, or after the last copy, is most likely the same.
        const std::size_t expected = !pieces.empty() && pieces.back().in_old
                                         ? pieces.back().old_offset + pieces.back().bytes.size() + (at - literal)
                                         : at;
        std::size_t from = std::min(expected, old_file.size());
        std::size_t length = common_length(new_file.substr(at), old_file.substr(from));
        if (length < shortest_copy) {
            const auto found = blocks.find(new_file.substr(at, block_size));
            from = found == blocks.end() ? old_file.size() : found->second;
            length = common_length(new_file.substr(at), old_file.substr(from));
        }
        if (length < shortest_copy) {
            ++at;
            continue;
        }
        flush(at);
        pieces.push_back({.bytes = new_file.substr(at, length), .in_old = true, .old_offset = from});
        at += length;
        literal = at;
    }
    flush(new_file.size());
    return pieces;
}

std::string md5(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr);
    std::string text;
    for (unsigned at = 0; at < size; ++at) {
        text += fmt::format("{:02x}", digest[at]);
    }
    return text;
}

} // namespace trv::tool::ta

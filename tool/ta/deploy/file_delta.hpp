// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::ta {

/// A piece of a new file: bytes, or where an old file has the same ones.
struct Piece {
    std::string_view bytes{}; ///< of the new file
    bool in_old = false;
    std::size_t old_offset = 0;

    bool operator==(const Piece&) const = default;
};

/// Splits a new file into pieces that an old one contains and pieces that it does not, in order. Runs shorter than
/// `shortest_copy` do not get a separate request.
[[nodiscard]] std::vector<Piece> file_delta(std::string_view old_file, std::string_view new_file);

inline constexpr std::size_t shortest_copy = 128;

/// MD5 as 32 lower-case hexadecimal digits: what `md5sum` shows on both sides.
[[nodiscard]] std::string md5(std::string_view bytes);

} // namespace trv::tool::ta

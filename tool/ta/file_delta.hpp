#pragma once

#include <cstddef>
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

/// Takes a new file apart into pieces that an old one has and pieces that it has not, in order. Shorter runs than
/// `shortest_copy` are not worth a request of their own.
[[nodiscard]] std::vector<Piece> file_delta(std::string_view old_file, std::string_view new_file);

inline constexpr std::size_t shortest_copy = 128;

} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/part.hpp"

#include <charconv>

namespace trv::tool::dev::testing {

std::optional<Part> parse_part(std::string_view text) {
    Part part;
    const char* const end = text.data() + text.size();
    const auto number = std::from_chars(text.data(), end, part.number);
    if (number.ec != std::errc{} || number.ptr == end || *number.ptr != '/') {
        return std::nullopt;
    }
    const auto count = std::from_chars(number.ptr + 1, end, part.count);
    const bool whole = count.ec == std::errc{} && count.ptr == end;
    return whole && part.number >= 1 && part.number <= part.count ? std::optional{part} : std::nullopt;
}

} // namespace trv::tool::dev::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace trv::tool::dev::testing {

/// A part of all tests, so that several machines can share a long run. The system tests of a file stay together; the unit tests
/// and fuzz targets are the first part's.
struct Part {
    unsigned number = 1; // from 1 on
    unsigned count = 1;

    /// Of the file at this place among all files of system tests.
    [[nodiscard]] bool has_file(std::size_t place) const { return place % count + 1 == number; }
};
/// "2/4"
[[nodiscard]] std::optional<Part> parse_part(std::string_view text);

} // namespace trv::tool::dev::testing

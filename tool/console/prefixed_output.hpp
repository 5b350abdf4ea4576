// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::console {

enum class Colour { Off, On };

/// Whether lines for `stream` are to be coloured: it is a terminal, and the user did not set NO_COLOR.
[[nodiscard]] Colour colour_for(std::FILE* stream);

/// Prints lines of several sources, each prefixed with its source's name, aligned and in its own colour.
class PrefixedOutput {
  public:
    PrefixedOutput(std::FILE* stream, Colour colour, std::vector<std::string> sources);

    /// @param source  index into the constructor's `sources`
    void print(std::size_t source, std::string_view line);

  private:
    std::FILE* stream_;
    std::vector<std::string> prefixes_;
};

} // namespace trv::tool::console

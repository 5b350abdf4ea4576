// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

/// The files of a subfolder with one of these extensions, at any depth, in order.
[[nodiscard]] std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder,
                                                          const std::vector<std::string>& extensions);

/// Of C and C++ files that are compiled.
[[nodiscard]] inline std::vector<std::string> source_extensions() {
    return {".c", ".cpp", ".cc"};
}

} // namespace trv::tool::ta

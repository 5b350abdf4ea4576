// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/project/source_files.hpp"

#include <algorithm>

namespace trv::tool::ta {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder,
                                            const std::vector<std::string>& extensions) {
    std::vector<std::filesystem::path> files;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
        if (entry.is_regular_file(ignored) &&
            std::ranges::find(extensions, entry.path().extension().string()) != extensions.end()) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#include "tool/support/paths.hpp"

#include <cstdlib>

namespace trv::tool {
namespace {

bool is_checkout(const std::filesystem::path& folder) {
    std::error_code ignored;
    return std::filesystem::exists(folder / "CMakePresets.json", ignored) &&
           std::filesystem::exists(folder / "tool" / "CMakeLists.txt", ignored);
}

} // namespace

Result<Paths> Paths::find() {
    if (const char* root = std::getenv("TRIVISOR_ROOT"); root != nullptr && *root != '\0') {
        if (!is_checkout(root)) {
            return usage_error("TRIVISOR_ROOT", {}, std::string("'") + root + "' is not a checkout of Trivisor",
                               "Unset it, or set it to the folder with CMakePresets.json.");
        }
        return Paths(std::filesystem::absolute(root).lexically_normal());
    }
    std::error_code error;
    const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", error);
    for (std::filesystem::path folder = executable.parent_path(); folder.has_relative_path();
         folder = folder.parent_path()) {
        if (is_checkout(folder)) {
            return Paths(folder);
        }
    }
    return failure("trivisor", "the executable is not inside a checkout of Trivisor",
                   "Start it as ./trivisor, or set TRIVISOR_ROOT.");
}

std::string Paths::shown(const std::filesystem::path& path) const {
    const std::filesystem::path relative = path.lexically_proximate(root_);
    return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

} // namespace trv::tool

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/ta/project/project.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

/// Headers and libraries for arm64 of all packages that a project names, in one tree: in one of its own each, the links
/// between a library's two packages would lead nowhere.
struct Sysroot {
    std::filesystem::path folder{}; ///< empty: the project names no package

    /// Folders with headers, and folders with libraries; those that there are.
    [[nodiscard]] std::vector<std::filesystem::path> include() const;
    [[nodiscard]] std::vector<std::filesystem::path> libraries() const;
};

/// Makes the tree below the project's output from packages that the store has.
[[nodiscard]] Result<Sysroot> make_sysroot(const packages::PackageStore& store, const Project& project,
                                           const std::filesystem::path& output);

/// A shared library that goes into the VM.
struct SharedLibrary {
    std::filesystem::path file;
    std::string name; ///< by which the loader looks for it
};

/// Returns the shared libraries that a program needs, and those that these need, as far as `folders` and `files` have
/// them; the VM has the others.
/// @param files  libraries that the project names by their paths
[[nodiscard]] Result<std::vector<SharedLibrary>> needed_libraries(const std::filesystem::path& program,
                                                                  const std::vector<std::filesystem::path>& folders,
                                                                  const std::vector<std::filesystem::path>& files);

/// What the dynamic section of a program or library says, as `readelf -d` prints it.
struct DynamicSection {
    std::string name; ///< SONAME; may be empty
    std::vector<std::string> needed;
};
[[nodiscard]] DynamicSection parse_dynamic_section(std::string_view text);

} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/packages/package_id.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

/// What a project's ta.toml says about how its client is built.
struct ClientOptions {
    std::vector<std::filesystem::path> sources{}; ///< C and C++ files
    std::vector<std::filesystem::path> include{}; ///< folders beside include/
    std::vector<std::string> flags{};             ///< for the compiler
    std::vector<std::string> libraries{};         ///< as the linker takes them: "-lm" or an absolute path
    std::vector<packages::PackageId> packages{};  ///< with headers and libraries for arm64
    machine::KeyPlace packages_place{};
};

/// Reads FOLDER/ta.toml; a project without it has all of client/ as its sources, and nothing else.
/// @return a usage error that names file, line and key
[[nodiscard]] Result<ClientOptions> read_client_options(const Paths& paths, const std::filesystem::path& folder);

} // namespace trv::tool::ta

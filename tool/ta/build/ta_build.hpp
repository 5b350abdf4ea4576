// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/devkit/kit.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/ta/project/project.hpp"

#include <filesystem>

namespace trv::tool::ta {

/// A trusted application's files.
struct TaFiles {
    std::filesystem::path signed_file; ///< UUID.ta
    std::filesystem::path elf;         ///< with symbols
};

/// Builds and signs a project's trusted application with the kit, and checks that OP-TEE will accept it: the UUID in
/// its header matches its file's name, and its signature is by the key that OP-TEE trusts.
[[nodiscard]] Result<TaFiles> build_ta(const Paths& paths, const devkit::Kit& kit, const Project& project);

} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/devkit/kit.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/ta/build/client_libraries.hpp"
#include "tool/ta/project/project.hpp"

#include <filesystem>
#include <vector>

namespace trv::tool::ta {

/// A client application's files.
struct ClientFiles {
    std::filesystem::path program;          ///< for the VM, without symbols
    std::filesystem::path symbols;          ///< the same with symbols
    std::vector<SharedLibrary> libraries{}; ///< that the VM does not have
};

/// Compiles the client's C and C++ files into one arm64 program; does nothing when none has changed.
/// @param store  has the packages that the project names
[[nodiscard]] Result<ClientFiles> build_client(const Paths& paths, const devkit::Kit& kit, const Project& project,
                                               const packages::PackageStore& store);

} // namespace trv::tool::ta

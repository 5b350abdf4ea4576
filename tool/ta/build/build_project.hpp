// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/devkit/kit.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/ta/build/client_libraries.hpp"
#include "tool/ta/project/project.hpp"

#include <filesystem>
#include <vector>

namespace trv::tool::ta {

/// A trusted application's files.
struct TaFiles {
    std::filesystem::path signed_file; ///< UUID.ta
    std::filesystem::path elf;         ///< with symbols
};

/// Builds and signs a project's trusted application with the kit, and checks that OP-TEE will accept it: the UUID in
/// its header matches its file's name, and its signature is by the key that OP-TEE trusts.
[[nodiscard]] Result<TaFiles> build_ta(const Paths& paths, const devkit::Kit& kit, const Project& project);

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

struct BuiltProject {
    Project project;
    TaFiles ta;
    ClientFiles client;
};

/// Builds a project's trusted application and client below build/ta/NAME, or in a folder there for each other kind;
/// skips what has not changed.
/// The development kit must have been set up.
/// @param kit  OP-TEE's development kit; empty: Debian's
[[nodiscard]] Result<BuiltProject> build_project(Context& context, const std::filesystem::path& folder,
                                                 BuildKind kind = BuildKind::Usual,
                                                 const std::filesystem::path& kit = {});

} // namespace trv::tool::ta

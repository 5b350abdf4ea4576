#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/ta/kit.hpp"
#include "tool/ta/project.hpp"

#include <filesystem>

namespace trv::tool::ta {

/// A client application's files.
struct ClientFiles {
    std::filesystem::path program; ///< for the VM, without symbols
    std::filesystem::path symbols; ///< the same with symbols
};

/// Compiles all C and C++ files of client/ into one arm64 program; does nothing when none has changed.
[[nodiscard]] Result<ClientFiles> build_client(const Paths& paths, const Kit& kit, const Project& project);

} // namespace trv::tool::ta

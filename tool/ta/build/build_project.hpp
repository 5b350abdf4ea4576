// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"
#include "tool/ta/build/client_build.hpp"
#include "tool/ta/build/ta_build.hpp"
#include "tool/ta/project/project.hpp"

namespace trv::tool::ta {

struct BuiltProject {
    Project project;
    TaFiles ta;
    ClientFiles client;
};

/// Builds a project's trusted application and client below build/ta/NAME; skips what has not changed.
/// The development kit must have been set up.
[[nodiscard]] Result<BuiltProject> build_project(const Paths& paths, Progress& progress,
                                                 const std::filesystem::path& folder);

} // namespace trv::tool::ta

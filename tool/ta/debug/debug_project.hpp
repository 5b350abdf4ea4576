// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

struct TaDebugOptions {
    std::filesystem::path project;
    std::filesystem::path batch = {};   ///< gdb's commands; empty: the user types them
    std::filesystem::path machine = {}; ///< or a run's name; empty: one that gdb can connect to, else the default one
    std::string vm = {};                ///< empty: the first that has an OP-TEE
    std::vector<std::string> arguments = {}; ///< the client's
};

/// `trivisor ta debug`: builds a project for debugging, puts it into a VM, and runs its client there while gdb watches
/// the trusted application.
/// @return 0 when gdb has ended without an error; 1 otherwise
[[nodiscard]] Result<int> debug_project(Context& context, const TaDebugOptions& options);

} // namespace trv::tool::ta

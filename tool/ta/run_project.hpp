// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

struct TaRunOptions {
    std::filesystem::path project;
    std::filesystem::path machine = {}; ///< or a run's name; empty: the one that runs, else the default one
    std::string vm = {};                ///< empty: the first that has an OP-TEE
    std::vector<std::string> arguments = {};
    bool tests = false; ///< run the scripts in test/ instead of the client
    bool watch = false; ///< repeat at every saved change, until the user stops it
    bool stop = false;  ///< end the machine afterwards
};

/// `trivisor ta run` and `ta test`: builds a project, puts it into a running VM and runs it there.
/// @return 0 when the client, or every test, ended with 0; 1 otherwise
[[nodiscard]] Result<int> run_project(Context& context, const TaRunOptions& options);

} // namespace trv::tool::ta

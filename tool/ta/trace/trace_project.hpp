// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

struct TaTraceOptions {
    std::filesystem::path project;
    std::filesystem::path machine = {};      ///< a machine description; empty: examples/ta-trace.toml
    std::string vm = {};                     ///< empty: the first that has an OP-TEE
    bool stop = false;                       ///< stop the machine afterwards
    std::vector<std::string> arguments = {}; ///< the client's
};

/// `trivisor ta trace`: builds a project so that its trusted application records the calls of its functions, runs the
/// client in a VM, and prints which function called which, and how long each took. Boots the machine unless it runs; it
/// keeps running, as after `ta run`.
/// @return 0 when the client has ended with 0; 1 otherwise
[[nodiscard]] Result<int> trace_project(Context& context, const TaTraceOptions& options);

} // namespace trv::tool::ta

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::xtest {

struct XtestOptions {
    std::filesystem::path machine{}; // empty: machines/two.toml
    std::vector<std::string> vms{};  // empty: all that have a TEE
    std::filesystem::path junit{};
    std::filesystem::path json{};
    std::vector<std::string> arguments{}; // for xtest itself
};

/// `trivisor xtest`: runs xtest in VMs at the same time, and reports each case. Returns the exit code.
[[nodiscard]] Result<int> run_xtest(Context& context, const XtestOptions& options);

} // namespace trv::tool::xtest

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/vm_session.hpp"
#include "tool/xtest/xtest_output.hpp"

#include <string>
#include <vector>

namespace trv::tool::xtest {

/// xtest's result in one VM.
struct XtestResult {
    std::string vm{};
    XtestOutput output{};
    std::string trouble{}; // why xtest did not finish; empty if it did
    std::string log{};

    [[nodiscard]] bool good() const { return trouble.empty() && output.good(); }
};

/// @param vm  the session of a VM that ran nothing but xtest
[[nodiscard]] XtestResult make_result(const run::VmSession& vm, XtestOutput output, std::string log);

/// The command for a VM's agent. In a VM without a TEE it reports that and fails.
/// @param arguments  xtest's own, each as it is
[[nodiscard]] std::string xtest_command(const std::vector<std::string>& arguments);

} // namespace trv::tool::xtest

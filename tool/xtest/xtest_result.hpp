#pragma once

#include "tool/run/vm_session.hpp"
#include "tool/xtest/xtest_output.hpp"

#include <string>
#include <vector>

namespace trv::tool::xtest {

/// What became of xtest in one VM.
struct XtestResult {
    std::string vm{};
    XtestOutput output{};
    std::string trouble{}; // why xtest did not do its work; empty when it did
    std::string log{};

    [[nodiscard]] bool good() const { return trouble.empty() && output.good(); }
};

/// @param vm  the session of a VM that ran nothing but xtest
[[nodiscard]] XtestResult make_result(const runs::VmSession& vm, XtestOutput output, std::string log);

/// The command for a VM's agent. A VM without a TEE says so and fails.
/// @param arguments  xtest's own, each as it is
[[nodiscard]] std::string xtest_command(const std::vector<std::string>& arguments);

} // namespace trv::tool::xtest

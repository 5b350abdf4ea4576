// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/machine_session.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/xtest/xtest_output.hpp"

#include <span>
#include <string>
#include <vector>

namespace trv::tool::demo {

/// `trivisor demo`: two Debian VMs at the same time, each with an OP-TEE of its own: hello_world and a selection of
/// xtest in both, then a table of the results. Returns the exit code, 0 only if all succeed.
[[nodiscard]] Result<int> run_demo(Context& context);

/// The demo's steps in each VM.
struct DemoStep {
    std::string title;
    std::string command;
};

[[nodiscard]] std::span<const DemoStep> demo_steps();

/// A table of each step's result in each VM.
/// @param xtest  xtest's output in each VM
[[nodiscard]] std::string demo_table(const run::MachineSession& session, const std::vector<xtest::XtestOutput>& xtest);

} // namespace trv::tool::demo

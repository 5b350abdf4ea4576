// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/machine_session.hpp"
#include "tool/xtest/xtest_output.hpp"

#include <span>
#include <string>
#include <vector>

namespace trv::tool::demo {

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

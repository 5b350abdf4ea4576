#pragma once

#include "tool/run/machine_session.hpp"
#include "tool/xtest/xtest_output.hpp"

#include <span>
#include <string>
#include <vector>

namespace trv::tool::demo {

/// What the demo does in each VM, one after the other.
struct DemoStep {
    std::string title;
    std::string command;
};

[[nodiscard]] std::span<const DemoStep> demo_steps();

/// A table for a person: each step in each VM, and how it went.
/// @param xtest  what xtest said in each VM
[[nodiscard]] std::string demo_table(const runs::MachineSession& session, const std::vector<xtest::XtestOutput>& xtest);

} // namespace trv::tool::demo

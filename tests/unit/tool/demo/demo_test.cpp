// SPDX-License-Identifier: Apache-2.0
#include "tool/demo/demo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::demo {
namespace {

using testing::HasSubstr;

TEST(DemoSteps, AreShownWithTheirResults) {
    run::VmPlan plan{.name = "alpha"};
    for (const auto& step : demo_steps()) {
        plan.commands.push_back(step.command);
    }
    run::MachineSession session{{plan}};
    session.on_agent_line(0, "hello 1", 1);
    session.on_agent_line(0, "exit 1 0", 2);
    session.on_agent_line(0, "exit 2 69", 3);
    session.on_machine_gone();
    const auto table = demo_table(session, std::vector<xtest::XtestOutput>(1));
    EXPECT_THAT(table, HasSubstr("alpha  OP-TEE is present           ok\n"));
    EXPECT_THAT(table, HasSubstr("alpha  hello_world: 42 becomes 43  failed      exit code 69\n"));
    EXPECT_THAT(table, HasSubstr("alpha  xtest, a selection          unfinished\n"));
}

} // namespace
} // namespace trv::tool::demo

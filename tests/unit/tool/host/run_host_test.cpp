// SPDX-License-Identifier: Apache-2.0
#include "tool/host/run_host.hpp"
#include "tool/run/preparation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::host {
namespace {

using testing::ElementsAre;
using testing::Pair;

machine::MachineDescription machine_with_host() {
    machine::MachineDescription machine{.file = "host.toml"};
    machine.vms = {{.name = "alpha", .kernel = "debian:trixie"}, {.name = "host", .kernel = "disk"}};
    return machine;
}

TEST(RunHost, RunsCommandsInTheVmThatBootsFromTheDisk) {
    const auto run = host_run({.commands = {"uname", "sync"}, .fresh = true, .bare = true, .instruction_clock = true},
                              machine_with_host());
    ASSERT_TRUE(run);
    EXPECT_EQ(run->machine, "host.toml");
    EXPECT_EQ(run->attach, "host");
    EXPECT_THAT(run->commands, ElementsAre(Pair("host", "uname"), Pair("host", "sync")));
    EXPECT_TRUE(run->fresh_disks);
    EXPECT_TRUE(run->instruction_clock);
    EXPECT_EQ(firmware::name(run::optee_of(*run, machine_with_host())), "plain");
}

TEST(RunHost, NeedsSuchAVm) {
    auto machine = machine_with_host();
    machine.vms.pop_back();
    const auto run = host_run({}, machine);
    ASSERT_FALSE(run);
    EXPECT_EQ(exit_code(run.error()), 2);
    EXPECT_THAT(to_string(run.error()), testing::HasSubstr("Give the host kernel = \"disk\"."));
}

} // namespace
} // namespace trv::tool::host

// SPDX-License-Identifier: Apache-2.0
// What a VM's firmware has in its flash, by way of the manager.
#include "tests/unit/host/fake_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::host::manager {
namespace {

using contract::manager::variables_size;
using testing::HasSubstr;

class VariablesClient : public testing::Test {
  protected:
    FakeMachine machine_;
    Manager manager_ = *machine_.connect()();
    NewVm vm_ = *manager_.create("a", "", Lifetime::Persistent);
    Variables variables_ = *manager_.variables("a", vm_);
};

TEST_F(VariablesClient, AreWrittenAndReadInPieces) {
    std::string content(variables_size, 'v');
    content.front() = 'f';
    content.back() = 'b';
    ASSERT_TRUE(variables_.write(content));
    EXPECT_EQ(machine_.vms.front().flash, content);
    EXPECT_EQ(variables_.changes(0).value(), 0U);
    EXPECT_EQ(variables_.read(0, 0).value(), content);
    ASSERT_TRUE(manager_.start("a", vm_));
    EXPECT_THAT(to_string(variables_.write(content).error()), HasSubstr("VM a: write-variables: another program"));
}

TEST_F(VariablesClient, AreOfOneMoment) {
    machine_.change_flash(7, 'x');
    EXPECT_EQ(variables_.changes(0).value(), 1U);
    EXPECT_EQ(variables_.read(0, 0).value(), std::nullopt) << "it was before the change";
    EXPECT_EQ(variables_.read(1, 0).value()->at(7), 'x');
    machine_.flash_never_rests = true;
    EXPECT_EQ(variables_.read(1, 0).value(), std::nullopt);
}

TEST_F(VariablesClient, OfAVmThatWasForgottenAreNone) {
    machine_.vms.front().name = "a";
    ASSERT_TRUE(manager_.forget("a"));
    EXPECT_EQ(variables_.changes(0).value(), std::nullopt);
    EXPECT_EQ(variables_.read(0, 0).value(), std::nullopt);
}

TEST(VariablesManager, MayHaveNone) {
    FakeMachine machine;
    machine.has_variables = false;
    const auto variables = machine.connect()()->variables("a", {});
    ASSERT_FALSE(variables);
    EXPECT_THAT(to_string(variables.error()), HasSubstr("VM a: the hypervisor is built without guests' firmware"));
}

} // namespace
} // namespace trv::host::manager
